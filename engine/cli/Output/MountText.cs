using Tidemark.Engine.Operations.Mounts;

namespace Tidemark.Cli.Output;

/// <summary>Where a mounted image's volumes are, for people.</summary>
internal static class MountText
{
    public static void Write(TextWriter text, MountResult result)
    {
        foreach (var volume in result.Volumes.Where(volume => volume.Path is not null))
        {
            text.WriteLine($"{volume.Path}  {Describe(volume)}");
        }

        text.WriteLine($"{result.File}  the image as a file");
        text.WriteLine($"'tidemark unmount {result.Folder}' ends the mount.");
    }

    /// <summary>"ext4 \"root\", 4.0 GiB".</summary>
    public static string Describe(ImageVolume volume)
    {
        var label = volume.Label is null ? "" : $" \"{volume.Label}\"";
        var subvolume = volume.DefaultSubvolume is null ? "" : $", default subvolume {volume.DefaultSubvolume}";
        return $"{volume.FileSystem ?? "unrecognised content"}{label}, {PeopleText.Bytes(volume.Bytes)}{subvolume}";
    }
}
