namespace Tidemark.Engine.Stores;

/// <summary>
/// A folder of the local file system. Every operation opens the folder anew, so that nothing keeps it open, and works
/// relative to that, without following links inside it.
/// </summary>
internal abstract class LocalStoreFolder(string path) : StoreFolder
{
    public override string Name => path;

    public override string ShortName => Path.GetFileName(path) is { Length: > 0 } name ? name : path;

    /// <summary>Opens the folder at a path that a user gave; links on the way to it are followed.</summary>
    /// <exception cref="TidemarkException">The path isn't a folder, or can't be read.</exception>
    public static LocalStoreFolder Open(string path)
    {
        var folder = At(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        folder.RequireReadable();
        return folder;
    }

    /// <summary>The folder at an absolute path that is known to be one.</summary>
    internal static LocalStoreFolder At(string path) =>
        OperatingSystem.IsLinux() ? new LinuxStoreFolder(path)
        : OperatingSystem.IsWindows() ? new WindowsStoreFolder(path)
        : throw new PlatformNotSupportedException("Stores in local folders work on Linux and Windows only.");

    /// <summary>The names of the folders directly in this one.</summary>
    public abstract List<string> ListFolders();

    /// <summary>Makes a folder in this one, durably.</summary>
    public abstract void MakeFolder(string name);

    /// <summary>Makes sure that an entry is a folder, and not a link to one.</summary>
    public abstract void RequireFolder(string name);

    /// <summary>Makes sure that the folder itself is one that can be read.</summary>
    protected abstract void RequireReadable();

    protected string PathOf(string name) => Path.Combine(path, name);

    protected TidemarkException NotRegular(string name) =>
        TidemarkException.WrongUse($"{PathOf(name)} is not a regular file, and nothing else is touched. Look at it.");
}
