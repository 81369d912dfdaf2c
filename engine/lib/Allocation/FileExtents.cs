namespace Tidemark.Engine.Allocation;

/// <summary>
/// The files of a volume by their names, and where the content of each lies: what leaves files out by name goes by it. Read from
/// the volume's own records as maps are; only where a map was opened, which has seen that they may be believed.
/// </summary>
internal abstract class FileExtents
{
    /// <summary>
    /// Folders that a walk remembers at most, those that it came by and those to come: more than a disk has that isn't an attack, and
    /// some tens of mebibytes of memory.
    /// </summary>
    public const int MostFolders = 1 << 20;

    /// <summary>Tells of all files, each by every name that it has, in no order. Files of the file system itself aren't told of.</summary>
    /// <exception cref="AllocationException">A record is damaged, or there are too many folders: what was told until then holds.</exception>
    /// <exception cref="OperationCanceledException"/>
    public abstract void Walk(IFileVisitor visitor, CancellationToken cancellation);
}
