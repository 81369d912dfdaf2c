using Tidemark.Engine.Chains;
using Tidemark.Engine.Images;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Progress;

namespace Tidemark.Engine.Operations.Backups;

/// <summary>
/// Says where two sources with one id seem to share a chain. Nothing is refused: the id is what a source is known by, and what
/// is restored is what was imaged; but who thinks of two machines should know that they take turns.
/// </summary>
internal static class SourceTwins
{
    /// <summary>Images that are looked back at: so many sources may take turns.</summary>
    private const int Back = 4;

    public static void Warn(Chain chain, OpenedSource source, IRunObserver observer)
    {
        var images = chain.Members.Select(member => member.Image).OfType<ImageReader>().Reverse().Take(Back + 1).ToArray();
        if (images.Length == 0)
        {
            return;
        }

        var now = SourceTrace.Of(source);
        var newest = SourceTrace.Of(images[0]);
        var advice = $"If they are two, give each a chain of its own by a name, or an id of its own ({source.Identity.ToShortString()}).";
        if (newest.IsForeign(now) && images.Skip(1).Select(SourceTrace.Of).Any(earlier => earlier.IsVery(now)))
        {
            observer.Warn(
                $"The newest images of {chain.Folder.Name} take turns between {newest} and {now}: these seem to be two sources that carry the same id. {advice}");
        }
        else if (newest.IsElsewhere(now))
        {
            observer.Warn(
                $"{chain.Folder.Name} was made of {newest}, and now it is {now}: the id is the same and nothing else is, as with machines made "
                + $"from one template. {advice}");
        }
    }
}
