using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Operations.Points;

/// <summary>
/// Keeps what is written away from the files of chains, which are written once. What a path leads to counts and not how it is
/// spelled: links, hard links and bind mounts lead to the same file.
/// </summary>
internal static class ChainGuard
{
    /// <summary>Refuses a target that is a file of a chain, or lies in a chain's folder.</summary>
    /// <param name="path">As the user gave it.</param>
    /// <param name="chain">The chain that is read; its neighbours in the store count as well.</param>
    /// <exception cref="TidemarkException">It is, or does.</exception>
    public static void Require(string path, StoreLocation chain)
    {
        var real = RealPath.Of(path);
        if (HoldsImages(real.Folder))
        {
            throw TidemarkException.WrongUse(
                $"{path} lies in {real.Folder}, the folder of a chain, in which only its images may be. Give another place.");
        }

        if (PathStatus.TryOf(path) is not { Kind: PathKind.File } status)
        {
            return;
        }

        if (ChainFolders(chain).SelectMany(Files).FirstOrDefault(file => PathStatus.TryOf(file)?.Storage == status.Storage) is { } member)
        {
            throw TidemarkException.WrongUse($"{path} is {member}, a file of a chain, which is never written to. Give another place.");
        }

        if (IsImage(path))
        {
            throw TidemarkException.WrongUse(
                $"{path} is an image of a chain, which is never written to. Give another place; if it is needed no more, remove it first.");
        }
    }

    private static IEnumerable<string> ChainFolders(StoreLocation location)
    {
        if (location.LocalPath is not { } path)
        {
            return [];
        }

        var chain = RealPath.Of(path);
        return Folders(chain.Folder).Where(folder => folder != chain.Path && HoldsImages(folder)).Prepend(chain.Path);
    }

    private static bool HoldsImages(string folder) =>
        Files(folder).Any(file => ImageNames.TryParse(Path.GetFileName(file), out _, out _));

    private static bool IsImage(string path)
    {
        Span<byte> start = stackalloc byte[ImageFormat.HeaderMagic.Length];
        try
        {
            using var file = RawDevice.OpenRead(path);
            return new VolumeView(file).TryRead(0, start)
                && (start.SequenceEqual(ImageFormat.HeaderMagic) || start.SequenceEqual(ImageFormat.PartMagic));
        }
        catch (TidemarkException)
        {
            // Whoever opens it next says what is the matter.
            return false;
        }
    }

    private static string[] Files(string folder) => Entries(folder, Directory.EnumerateFiles);

    private static string[] Folders(string folder) => Entries(folder, Directory.EnumerateDirectories);

    private static string[] Entries(string folder, Func<string, IEnumerable<string>> list)
    {
        try
        {
            return Directory.Exists(folder) ? [.. list(folder)] : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
