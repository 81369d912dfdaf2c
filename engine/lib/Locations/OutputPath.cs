using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Locations;

/// <summary>Where a user wants a file or folder made.</summary>
public static class OutputPath
{
    /// <summary>What stands for standard output, where a verb can write a stream.</summary>
    internal const string Stream = "-";

    /// <summary>Refuses what isn't a place for a file or folder: a stream, or a name among device files.</summary>
    /// <param name="path">As the user gave it.</param>
    /// <exception cref="TidemarkException">The path stands for something else than a file or folder.</exception>
    /// <returns>The path, written otherwise where its text and the system differ (<see cref="UserPath"/>).</returns>
    public static string Require(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path == Stream)
        {
            throw TidemarkException.WrongUse(
                "'-' stands for standard output, and here a file or folder is needed, which is written at more than one place. Give a path; a "
                + "file of that very name is ./-.");
        }

        UserPath.RequireText(path);
        UrlScheme.Refuse(path, "Give a path.");
        path = UserPath.Settle(path);
        var real = RealPath.Of(path);
        if (real.Descriptor is not null)
        {
            throw TidemarkException.WrongUse(
                $"{path} is a stream of this process, and here a file or folder is needed, which is written at more than one place. Give a path.");
        }

        var status = PathStatus.TryOf(path);
        if (status is null or { Kind: PathKind.File or PathKind.Folder })
        {
            DeviceFolder.RequireOutside(path, real, exists: status is not null);
        }

        return path;
    }
}
