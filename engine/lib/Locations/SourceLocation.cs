using Tidemark.Engine.Progress;
using Tidemark.Engine.Snapshots;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Locations;

/// <summary>
/// What is imaged, made once of what the user wrote: a file and what it is, a block device, a disk or volume of Windows, the
/// export of an NBD server. Nothing behind it reads the text again.
/// </summary>
public abstract class SourceLocation
{
    /// <summary>In their order: the first that takes a text has it. One line a kind.</summary>
    private static readonly Func<string, SourceFormat, SourceLocation?>[] kinds =
    [
        NbdSource.TryParse,
        WindowsSource.TryParse,
        LocalSource.TryParse,
    ];

    private protected SourceLocation(string text, SourceFormat format)
    {
        Text = text;
        Format = format;
    }

    /// <summary>What messages, results and images call it.</summary>
    public string Text { get; }

    /// <summary>What the source is, where it is a file and that can't or mustn't be guessed.</summary>
    public SourceFormat Format { get; }

    /// <summary>The last part of its name, for people; empty where that would tell them nothing.</summary>
    internal abstract string ShortName { get; }

    /// <summary>What a snapshot provider is asked to hold; null where nothing of this system could.</summary>
    internal virtual SnapshotCandidate? Candidate => null;

    /// <summary>What file it is, whatever path leads to it; null where it is none.</summary>
    internal virtual PathStatus? Status => null;

    /// <summary>Reads a source as a user gives it. Whether it is there is found when it is opened.</summary>
    /// <param name="text">A path, a volume (<c>C:</c>) or the address of an export (<c>nbd://HOST/EXPORT</c>).</param>
    /// <param name="format">What it is, where it is a file and that can't or mustn't be guessed.</param>
    /// <exception cref="TidemarkException">The text can't be such a place.</exception>
    public static SourceLocation Parse(string text, SourceFormat format = SourceFormat.Auto)
    {
        ArgumentNullException.ThrowIfNull(text);
        UserPath.RequireText(text);
        if (text == OutputPath.Stream)
        {
            throw TidemarkException.WrongUse(
                "'-' is standard input, and a source is read at any place and more than once. Give a file or device; a file of that very name is ./-.");
        }

        foreach (var parse in kinds)
        {
            if (parse(text, format) is { } source)
            {
                return source;
            }
        }

        throw UrlScheme.Unsupported(text, UrlScheme.Of(text), "Give a file, a device or an NBD address.");
    }

    /// <summary>The same place, and what a file there turned out to be.</summary>
    internal virtual SourceLocation As(SourceFormat format) => this;

    public override string ToString() => Text;

    /// <summary>Opens it for reading.</summary>
    /// <param name="files">Other files and programs that may be needed for it.</param>
    /// <exception cref="TidemarkException">It isn't there, or isn't what it was said to be.</exception>
    internal abstract OpenedSource Open(SourceHelp? files = null);

    /// <summary>
    /// Opens it as it is held still: what it is and what it is known by comes from the source, its blocks from the snapshot. A
    /// snapshot has no place on a disk and no name of its own that would last.
    /// </summary>
    internal virtual OpenedSource OpenHeld(VolumeSnapshot snapshot) => throw new NotSupportedException($"Nothing can hold {Text}.");

    /// <summary>Looks whether it is there and can be opened, as far as that leaves no trace on it.</summary>
    /// <exception cref="TidemarkException">It isn't, or can't.</exception>
    internal virtual void LookAt() => Open().Dispose();

    /// <summary>Says that it may change while it is read, where that is known.</summary>
    internal virtual void WarnIfLive(IRunObserver observer)
    {
    }

    /// <summary>
    /// Why it may change while it is read and nothing holds it still, in words that follow "since"; null where nobody is known to write to
    /// it.
    /// </summary>
    internal virtual string? WhyLive() => null;

    /// <summary>Whether a store lies on it, so that an image of it would hold its own beginning.</summary>
    internal virtual bool Holds(StoreLocation store) => false;

    /// <summary>Whether both mean one source, whatever path leads to it.</summary>
    internal virtual bool IsSame(SourceLocation other) => Text == other.Text;
}
