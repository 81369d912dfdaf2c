namespace Tidemark.Engine.Stores;

/// <summary>
/// A folder of the local file system. Every operation opens the folder anew, so that nothing keeps it open, and works
/// relative to that, without following links inside it.
/// </summary>
internal sealed partial class LocalStoreFolder : StoreFolder
{
    private readonly string path;

    /// <summary>The folder at an absolute path that is known to be one.</summary>
    internal LocalStoreFolder(string path) => this.path = path;

    public override string Name => path;

    public override string ShortName => Path.GetFileName(path) is { Length: > 0 } name ? name : path;

    /// <summary>Opens the folder at a path that a user gave; links on the way to it are followed.</summary>
    /// <exception cref="TidemarkException">The path isn't a folder, or can't be read.</exception>
    public static LocalStoreFolder Open(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("Stores in local folders work on Linux only, so far.");
        }

        var folder = new LocalStoreFolder(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        folder.RequireReadable();
        return folder;
    }

    private string PathOf(string name) => Path.Combine(path, name);
}
