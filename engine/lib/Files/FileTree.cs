namespace Tidemark.Engine.Files;

/// <summary>
/// The files of one imaged file system. Everything in it is input from outside: names are checked by whoever uses them,
/// and a link leads only within the tree.
/// </summary>
internal abstract class FileTree : IDisposable
{
    /// <summary>As many as Linux follows (path_resolution(7)).</summary>
    private const int MostLinks = 40;

    /// <summary>Linux' bound on a link's target, in bytes (path_resolution(7)).</summary>
    public const int MaxTarget = 4096;

    public abstract FileEntry Root { get; }

    /// <summary>What read it, for results: "the kernel's ext4", "sleuthkit".</summary>
    public abstract string Reader { get; }

    /// <summary>The entries of a folder, in no order.</summary>
    /// <exception cref="TidemarkException">It can't be read.</exception>
    public abstract IEnumerable<FileEntry> List(FileEntry folder, CancellationToken cancellation);

    /// <summary>The entry of a name in a folder; null where there is none.</summary>
    public virtual FileEntry? Child(FileEntry folder, string name, CancellationToken cancellation) =>
        List(folder, cancellation).FirstOrDefault(entry => entry.Name == name);

    /// <summary>Writes a file's content.</summary>
    /// <exception cref="TidemarkException">It can't be read whole.</exception>
    public abstract void Read(FileEntry file, Stream target, CancellationToken cancellation);

    /// <summary>A file's extended attributes, access lists among them; none where the reader knows of none.</summary>
    public virtual IEnumerable<KeyValuePair<string, byte[]>> Attributes(FileEntry entry) => [];

    /// <summary>
    /// The entry of a path, with slashes between names. Links on the way are followed as the imaged system would have,
    /// with this tree as its root; the last name is taken as it is.
    /// </summary>
    /// <returns>Null where there is none.</returns>
    public FileEntry? Find(string path, CancellationToken cancellation)
    {
        var names = new Stack<string>(Names(path).Reverse());
        var way = new Stack<FileEntry>([Root]);
        var links = 0;
        while (names.TryPop(out var name))
        {
            if (name == "..")
            {
                if (way.Count > 1)
                {
                    way.Pop();
                }

                continue;
            }

            if (way.Peek().Kind != FileKind.Folder || Child(way.Peek(), name, cancellation) is not { } entry)
            {
                return null;
            }

            if (entry.Kind != FileKind.Link || names.Count == 0)
            {
                way.Push(entry);
                continue;
            }

            if (++links > MostLinks)
            {
                return null;
            }

            if (entry.Target!.StartsWith('/'))
            {
                way = new Stack<FileEntry>([Root]);
            }

            foreach (var part in Names(entry.Target).Reverse())
            {
                names.Push(part);
            }
        }

        return way.Peek();
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }

    private static IEnumerable<string> Names(string path) =>
        path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(name => name != ".");
}
