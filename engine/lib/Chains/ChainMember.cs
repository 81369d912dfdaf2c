using Tidemark.Engine.Images;
using Tidemark.Engine.Stores;

namespace Tidemark.Engine.Chains;

/// <summary>The files of one image in a chain's folder, and the image itself where they can be read as one.</summary>
internal sealed class ChainMember : IDisposable
{
    private ChainMember(long sequence, IReadOnlyList<StoreEntry> files, ImageReader? image, string? problem)
    {
        Sequence = sequence;
        Files = files;
        Image = image;
        Problem = problem;
    }

    /// <summary>The number in the file's name, which the header confirms where it can be read.</summary>
    public long Sequence { get; }

    /// <summary>The parts that are there, the first one first.</summary>
    public IReadOnlyList<StoreEntry> Files { get; }

    /// <summary>Null if <see cref="Problem"/> says why it can't be read.</summary>
    public ImageReader? Image { get; }

    public string? Problem { get; private set; }

    public static ChainMember Open(StoreFolder folder, long sequence, IReadOnlyList<StoreEntry> files, string? problem)
    {
        if (problem is not null)
        {
            return new ChainMember(sequence, files, null, problem);
        }

        ImageReader? image = null;
        try
        {
            image = ImageReader.Open(folder, [.. files.Select(f => f.Name)]);
            return image.Header.Sequence == sequence
                ? new ChainMember(sequence, files, image, null)
                : new ChainMember(sequence, files, null, Renamed(image));
        }
        catch (TidemarkException e) when (e.Error == TidemarkError.Damaged)
        {
            return new ChainMember(sequence, files, null, e.Message);
        }
    }

    /// <summary>Sets an image aside that doesn't belong to the chain of its folder.</summary>
    public ChainMember Reject(string problem)
    {
        Image?.Dispose();
        return new ChainMember(Sequence, Files, null, problem);
    }

    public void Dispose() => Image?.Dispose();

    private static string Renamed(ImageReader image)
    {
        image.Dispose();
        return $"{image.Name} says that it is image {image.Header.Sequence}: it was renamed or copied. "
            + $"Give it its name back ({ImageNames.Part(image.Header.Sequence, 0)}) or take it away.";
    }
}
