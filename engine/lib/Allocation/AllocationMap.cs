using System.Diagnostics;

namespace Tidemark.Engine.Allocation;

/// <summary>
/// Which bytes of a volume somebody can reach, by the records of its file system. A map exists only where these were checked
/// from end to end (<see cref="AllocationException"/> otherwise), so that its totals are known from the start; it is then
/// read front to back, in memory that doesn't depend on the volume's size. One thread at a time.
/// </summary>
/// <remarks>
/// The rule for all maps: a range may be called free only if no reader of the restored volume, after whatever recovery it runs,
/// can reach it. What isn't understood is used; a unit that is partly used is used.
/// </remarks>
internal abstract class AllocationMap : IDisposable
{
    /// <summary>What the volume holds, in the words of <see cref="Volumes.VolumeContent.Type"/>.</summary>
    public abstract string FileSystem { get; }

    /// <summary>Bytes from the volume's start that the map speaks of; whatever lies behind is used.</summary>
    public abstract long Length { get; }

    /// <summary>Bytes of the map that are called used.</summary>
    public abstract long UsedBytes { get; }

    /// <summary>Bytes of the map that are called excluded; those that are neither are free.</summary>
    public virtual long ExcludedBytes => 0;

    /// <summary>
    /// The extent that covers <paramref name="offset"/>, from there to where its state changes or earlier (callers ask again at
    /// its end). Questions in ascending order are cheap, a step back may cost a search.
    /// </summary>
    /// <param name="offset">At least 0 and below <see cref="Length"/>.</param>
    /// <exception cref="AllocationException">
    /// A record can't be read, or isn't any more what it was when the map was checked. The caller takes the rest for used.
    /// </exception>
    public AllocationExtent ExtentAt(long offset)
    {
        Debug.Assert(offset >= 0 && offset < Length);
        var extent = Find(offset);
        Debug.Assert(extent.Offset == offset && extent.Length > 0 && extent.End <= Length);
        return extent;
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract AllocationExtent Find(long offset);

    protected virtual void Dispose(bool disposing)
    {
    }
}
