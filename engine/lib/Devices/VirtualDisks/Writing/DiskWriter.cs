using System.Diagnostics;

namespace Tidemark.Engine.Devices.VirtualDisks.Writing;

/// <summary>
/// Lays a disk out in a new file of some format. The disk's bytes are told in ascending order and each once: for content
/// the writer says where it goes, and whoever asked puts it there; what nobody tells of reads as zeros, or, in a
/// differencing disk, as in the parent. The file is complete after <see cref="Complete"/> and worthless before.
/// </summary>
/// <remarks>Memory is a few tables of bounded size, whatever the disk's size.</remarks>
internal abstract class DiskWriter(RawDevice file, long size)
{
    /// <summary>
    /// The file grows in steps of this: a call of the system for each block would cost more than holes that are cut off.
    /// </summary>
    private const long GrowStep = 64 << 20;

    /// <summary>Bytes of the disk.</summary>
    public long Size => size;

    /// <summary>
    /// Bytes that get their place together: a range of zeros of that size, aligned to it, needs none. 0 for a format that
    /// has a place for everything.
    /// </summary>
    public abstract long Unit { get; }

    /// <summary>
    /// What the content is known by in the file, and what a differencing child would name: unique id of a VHD, data write
    /// GUID of a VHDX, an extension of a qcow2 file. It may change until the file is completed.
    /// </summary>
    public Guid ContentId { get; set; }

    /// <summary>The file that is written; the caller owns it.</summary>
    protected RawDevice File => file;

    /// <summary>
    /// Where content goes: the offset in the file of the first byte, and in <paramref name="run"/> how many of
    /// <paramref name="length"/> bytes follow it there in one piece.
    /// </summary>
    public abstract long Place(long offset, int length, out int run);

    /// <summary>Tells that a range is zeros, whatever a parent holds.</summary>
    public abstract void Zeros(long offset, long length);

    /// <summary>Writes all tables and cuts the file to its length. Nothing is in flight by then.</summary>
    public abstract void Complete();

    /// <summary>Makes the file reach to <paramref name="end"/> at least.</summary>
    protected void Reach(long end)
    {
        if (file.Length < end)
        {
            file.Resize((end + GrowStep - 1) / GrowStep * GrowStep);
        }
    }

    protected static long RoundUp(long value, long unit)
    {
        Debug.Assert(value >= 0 && unit > 0);
        return (value + unit - 1) / unit * unit;
    }
}
