using System.Diagnostics;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Io;

/// <summary>
/// An open file or block device by two descriptors: one that goes around the page cache (O_DIRECT) for aligned
/// transfers, if the file system takes it, and one through the cache for what is not aligned.
/// </summary>
/// <remarks>
/// The kernel keeps both views coherent as long as transfers that touch the same page don't overlap in time: a direct
/// transfer first writes back and afterwards drops the cached pages of its range. Callers therefore never have two
/// transfers in flight on the same 4 KiB when one of them writes.
/// </remarks>
internal sealed class DirectFile : IDisposable
{
    /// <summary>
    /// What direct transfers are aligned to where the file system doesn't say (kernels before 6.1, some network and
    /// FUSE file systems): the page size, which every file system that takes O_DIRECT accepts.
    /// </summary>
    public const int UnknownAlignment = 4096;

    private readonly bool isFile;
    private volatile string? note;
    private volatile bool refused;

    private DirectFile(
        FdHandle buffered, FdHandle? direct, int memoryAlignment, int offsetAlignment, string? note, bool isFile = false)
    {
        this.isFile = isFile;
        this.note = note;
        Buffered = buffered;
        Direct = direct;
        MemoryAlignment = direct is null ? 1 : memoryAlignment;
        OffsetAlignment = direct is null ? 1 : offsetAlignment;
    }

    public FdHandle Buffered { get; }

    /// <summary>Null where direct transfers are refused; <see cref="Note"/> says why.</summary>
    public FdHandle? Direct { get; }

    public int MemoryAlignment { get; }

    public int OffsetAlignment { get; }

    /// <summary>Whether transfers may go around the page cache: no call has been refused for it so far.</summary>
    public bool TakesDirect => Direct is not null && !refused;

    /// <summary>Why transfers go through the page cache; null if they don't.</summary>
    public string? Note => note;

    /// <summary>
    /// Pairs an open descriptor with a direct one, which <paramref name="openDirect"/> opens on the same file and which
    /// is tried out by a read. <paramref name="buffered"/> belongs to the result.
    /// </summary>
    public static DirectFile Pair(FdHandle buffered, in statx attributes, int sectorSize, Func<FdHandle> openDirect)
    {
        int memory = sectorSize, offset = sectorSize;
        if ((attributes.stx_mask & statx.STATX_DIOALIGN) != 0 && (attributes.stx_mode & Libc.S_IFMT) == Libc.S_IFREG)
        {
            if (attributes.stx_dio_offset_align == 0)
            {
                return new DirectFile(buffered, null, 1, 1, "the file system doesn't do direct transfers");
            }

            memory = (int)Math.Max(attributes.stx_dio_mem_align, 1);
            offset = (int)attributes.stx_dio_offset_align;
        }

        // Slots and bounce buffers are aligned to pages, so nothing larger can be served (see FileTransfer).
        if (memory > UnknownAlignment || offset > IoQueueOptions.MaxAlignment)
        {
            return new DirectFile(buffered, null, 1, 1, $"direct transfers would need an alignment of {offset} bytes");
        }

        var direct = openDirect();
        if (direct.IsInvalid)
        {
            direct.Dispose();
            return new DirectFile(buffered, null, 1, 1, "the file system refuses to open the file for direct transfers");
        }

        if (!TryRead(direct, offset))
        {
            direct.Dispose();
            return new DirectFile(buffered, null, 1, 1, "the file system refuses direct transfers");
        }

        return new DirectFile(
            buffered, direct, memory, offset, null, (attributes.stx_mode & Libc.S_IFMT) == Libc.S_IFREG);
    }

    /// <summary>
    /// Takes note that an aligned transfer was refused, as mergerfs refuses writes where it takes reads; from then on all
    /// go through the cache. False for a device, which refuses nothing that is aligned: there it is an error like others.
    /// </summary>
    public bool RefuseDirect(int error)
    {
        Debug.Assert(Direct is not null);
        if (isFile)
        {
            note = $"the file system refuses direct transfers: {FileCalls.Reason(error)}";
            refused = true;
        }

        return isFile;
    }

    /// <summary>The same file by its buffered descriptor alone, which stays this one's: the result isn't disposed.</summary>
    public DirectFile ThroughCache() => new(Buffered, null, 1, 1, null);

    public void Dispose()
    {
        Direct?.Dispose();
        Buffered.Dispose();
    }

    // Only a refusal counts (EINVAL, EOPNOTSUPP): a first sector that can't be read is the reader's to report.
    private static unsafe bool TryRead(FdHandle direct, int length)
    {
        using var memory = new AlignedMemory((nuint)length);
        var result = FileCalls.Read(direct, memory.Pointer, (nuint)length, 0);
        Debug.Assert(result <= length);
        return result is not (-Errno.EINVAL or -Errno.EOPNOTSUPP or -Errno.EBADF);
    }
}
