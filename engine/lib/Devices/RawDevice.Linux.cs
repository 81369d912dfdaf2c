using System.Diagnostics;
using System.Runtime.InteropServices;
using Tidemark.Engine.Devices.Queues;
using Tidemark.Engine.Io;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Devices;

/// <summary>A file or block device by its descriptors.</summary>
internal sealed unsafe partial class LinuxRawDevice : RawDevice
{
    /// <summary>Places of a file that are looked at to tell whether it is cached: some microseconds in all.</summary>
    private const int CacheSamples = 256;

    /// <summary>Bytes of one discard: a call can't be interrupted.</summary>
    private const long TrimBytes = 1L << 30;

    /// <summary>Of those, how many may be missing: a thirty-second of the file is read from the device soon enough.</summary>
    private const int MostMissed = CacheSamples / 32;

    private readonly DirectFile file;
    private readonly BouncePool bounce = new();
    private volatile bool sparse = true;

    private LinuxRawDevice(string name, DirectFile file, in statx attributes, DeviceGeometry geometry, bool write)
        : base(name, geometry, write, IdentityOf(attributes))
    {
        this.file = file;
    }

    /// <summary>The descriptors below, for a queue of a certain kind.</summary>
    public DirectFile File => file;

    public override string? RealPath => new FileInfo($"/proc/self/fd/{file.Buffered.Fd}").LinkTarget;

    public override string ReopenPath => $"/proc/{Environment.ProcessId}/fd/{file.Buffered.Fd}";

    public override bool IsDirect => file.TakesDirect;

    public override string? BufferedNote => file.Note;

    public override void ReadAt(long offset, Span<byte> buffer)
    {
        AssertRange(offset, buffer.Length);
        fixed (byte* start = buffer)
        {
            if (!file.TakesDirect)
            {
                ReadFully(file.Buffered, start, buffer.Length, offset);
            }
            else if (IsAligned(offset, buffer.Length, start))
            {
                ReadFully(file.Direct!, start, buffer.Length, offset);
            }
            else
            {
                ReadThroughBounce(file.Direct!, offset, buffer);
            }
        }
    }

    public override void WriteAt(long offset, ReadOnlySpan<byte> buffer)
    {
        RequireWrite();
        AssertRange(offset, buffer.Length);
        fixed (byte* start = buffer)
        {
            var direct = file.TakesDirect && IsAligned(offset, buffer.Length, start);
            WriteFully(direct ? file.Direct! : file.Buffered, start, buffer.Length, offset);
        }
    }

    public override void WriteZeros(long offset, long length)
    {
        RequireWrite();
        AssertRange(offset, length);
        if (length == 0)
        {
            return;
        }

        if (IsBlockDevice)
        {
            ZeroOutDevice(offset, length);
            return;
        }

        var result = FileCalls.Allocate(
            file.Buffered, Libc.FALLOC_FL_PUNCH_HOLE | Libc.FALLOC_FL_KEEP_SIZE, offset, length);
        if (result is -Errno.EOPNOTSUPP or -Errno.ENOSYS or -Errno.EINVAL or -Errno.ENODEV)
        {
            WriteZeroBytes(offset, length);
        }
        else if (result < 0)
        {
            throw Error("Zeroing", offset, length, -result);
        }
    }

    public override bool TryTrim(long offset, long length)
    {
        RequireWrite();
        AssertRange(offset, length);
        if (!IsBlockDevice)
        {
            return FileCalls.Allocate(file.Buffered, Libc.FALLOC_FL_PUNCH_HOLE | Libc.FALLOC_FL_KEEP_SIZE, offset, length) >= 0;
        }

        // Whole sectors only; what is left at the ends is nobody's loss.
        var sector = Geometry.LogicalSectorSize;
        var first = (offset + sector - 1) / sector * sector;
        var end = (offset + length) / sector * sector;
        var range = stackalloc ulong[2];
        for (; first < end; first += TrimBytes)
        {
            range[0] = (ulong)first;
            range[1] = (ulong)Math.Min(TrimBytes, end - first);
            if (FileCalls.Control(file.Buffered, Libc.BLKDISCARD, range) < 0)
            {
                return false;
            }
        }

        return true;
    }

    public override void Flush()
    {
        if (!CanWrite)
        {
            return;
        }

        var result = FileCalls.DataSync(file.Buffered);
        if (result < 0)
        {
            throw Error("Flushing", 0, Length, -result);
        }
    }

    public override string? Announce()
    {
        if (!IsBlockDevice)
        {
            return null;
        }

        // What the cache holds was read before, by whoever looked at the device. It is a favour: nothing is lost without.
        _ = FileCalls.Control(file.Buffered, Libc.BLKFLSBUF, null);
        var result = FileCalls.Control(file.Buffered, Libc.BLKRRPART, null);
        return result == -Errno.EBUSY
            ? $"the system still goes by the old partition table of {Name}, since a partition is in use: run partprobe, or restart"
            : null;
    }

    public override DeviceExtent ExtentAt(long offset)
    {
        Debug.Assert(offset >= 0 && offset < Length);
        var rest = new DeviceExtent(offset, Length - offset, ExtentKind.Data);
        if (IsBlockDevice || !sparse)
        {
            return rest;
        }

        var data = Seek(offset, Libc.SEEK_DATA);
        if (data == -Errno.ENXIO)
        {
            // No data from here on, or the file has shrunk; then reading says so.
            return Seek(0, Libc.SEEK_HOLE) >= 0 && CurrentLength() >= Length
                ? rest with { Kind = ExtentKind.Unallocated }
                : rest;
        }

        if (data < 0)
        {
            sparse = false;
            return rest;
        }

        if (data > offset)
        {
            return new DeviceExtent(offset, Math.Min(data, Length) - offset, ExtentKind.Unallocated);
        }

        var hole = Seek(offset, Libc.SEEK_HOLE);
        return hole > offset ? rest with { Length = Math.Min(hole, Length) - offset } : rest;
    }

    /// <summary>
    /// Never true of a block device: what is written to its partitions or through a mounted file system goes by its own
    /// cache, which may be of yesterday. A file has one cache for all who use it.
    /// </summary>
    public override bool IsCached()
    {
        if (IsBlockDevice || CanWrite || file.Direct is null || Length == 0)
        {
            return false;
        }

        var missed = 0;
        for (var i = 0; i < CacheSamples; i++)
        {
            // In the middle of each share of the file; a hole takes no reading, so what follows it is looked at.
            var extent = ExtentAt((long)((i + 0.5) / CacheSamples * Length));
            var place = extent.Kind == ExtentKind.Data ? extent.Offset : extent.End;
            if (place < Length && !FileCalls.IsCached(file.Buffered, place & -Environment.SystemPageSize) && ++missed > MostMissed)
            {
                return false;
            }
        }

        return true;
    }

    public override IoQueue OpenQueue(IoQueueOptions options) =>
        FileIoQueue.Open(options.ThroughCache ? file.ThroughCache() : file, options);

    protected override void SetLength(long length) => RequireLength(FileCalls.Truncate(file.Buffered, length), Name, length);

    protected override void Dispose(bool disposing)
    {
        if (CanWrite)
        {
            LinuxFileLocks.Release(file.Buffered);
        }

        file.Dispose();
        bounce.Dispose();
        base.Dispose(disposing);
    }

    private void ReadThroughBounce(FdHandle direct, long offset, Span<byte> buffer)
    {
        var align = file.OffsetAlignment;
        var memory = bounce.Rent();
        try
        {
            while (buffer.Length > 0)
            {
                var skip = (int)(offset % align);
                var count = Math.Min(buffer.Length, BouncePool.BufferSize - skip);
                var rounded = (skip + count + align - 1) / align * align;
                ReadFully(direct, memory.Pointer, rounded, offset - skip, skip, count);
                memory.Slice((nuint)skip, count).CopyTo(buffer);
                buffer = buffer[count..];
                offset += count;
            }
        }
        finally
        {
            bounce.Return(memory);
        }
    }

    // Errors name the `wanted` bytes from `skip` on, which may be fewer than are read: the last sector of a file ends
    // where the file does. Without `wanted` it is the whole length.
    private void ReadFully(FdHandle fd, byte* start, int length, long offset, int skip = 0, int? wanted = null)
    {
        var needed = skip + (wanted ?? length);
        var done = 0;
        while (done < needed)
        {
            // A short direct read stops at an aligned place, except at the end or before an error; both show up
            // again when the rest is asked for through the cache.
            var from = done % file.MemoryAlignment == 0 && done % file.OffsetAlignment == 0 ? fd : file.Buffered;
            var moved = FileCalls.Read(from, start + done, (nuint)(length - done), offset + done);
            if (IsRefused(from, moved))
            {
                fd = file.Buffered;
                continue;
            }

            if (moved < 0)
            {
                throw Error("Reading", offset + skip, needed - skip, (int)-moved);
            }

            if (moved == 0)
            {
                throw new DeviceIoException(
                    Name,
                    offset + skip,
                    needed - skip,
                    "Reading",
                    Errno.EIO,
                    $"it now ends at {offset + done}, so it was cut off while it was open");
            }

            done += (int)moved;
        }
    }

    private void WriteFully(FdHandle fd, byte* start, int length, long offset)
    {
        var done = 0;
        while (done < length)
        {
            var to = done % file.MemoryAlignment == 0 && done % file.OffsetAlignment == 0 ? fd : file.Buffered;
            var moved = FileCalls.Write(to, start + done, (nuint)(length - done), offset + done);
            if (IsRefused(to, moved))
            {
                fd = file.Buffered;
                continue;
            }

            if (moved <= 0)
            {
                throw Error("Writing", offset, length, moved == 0 ? Errno.EIO : (int)-moved);
            }

            done += (int)moved;
        }
    }

    // A file system that takes direct reads may refuse direct writes; what was asked for then goes through the cache.
    private bool IsRefused(FdHandle fd, long result) => result is -Errno.EINVAL or -Errno.EOPNOTSUPP
        && ReferenceEquals(fd, file.Direct) && file.RefuseDirect((int)-result);

    private void ZeroOutDevice(long offset, long length)
    {
        // The control takes whole sectors; and in pieces, since one call can't be interrupted.
        const long piece = 1L << 30;
        var sector = Geometry.LogicalSectorSize;
        var end = offset + length;
        var start = Math.Min(end, (offset + sector - 1) / sector * sector);
        var stop = Math.Max(start, end / sector * sector);
        WriteZeroBytes(offset, start - offset);
        var range = stackalloc ulong[2];
        while (start < stop)
        {
            range[0] = (ulong)start;
            range[1] = (ulong)Math.Min(piece, stop - start);
            var result = FileCalls.Control(file.Buffered, Libc.BLKZEROOUT, range);
            if (result < 0 && result is not (-Errno.EOPNOTSUPP or -Errno.ENOTTY or -Errno.EINVAL))
            {
                throw Error("Zeroing", start, (long)range[1], -result);
            }

            if (result < 0)
            {
                WriteZeroBytes(start, (long)range[1]);
            }

            start += (long)range[1];
        }

        WriteZeroBytes(stop, end - stop);
    }

    private void WriteZeroBytes(long offset, long length)
    {
        if (length == 0)
        {
            return;
        }

        var memory = bounce.Rent();
        try
        {
            memory.Slice(0, BouncePool.BufferSize).Clear();
            while (length > 0)
            {
                var count = (int)Math.Min(length, BouncePool.BufferSize);
                WriteAt(offset, memory.Slice(0, count));
                offset += count;
                length -= count;
            }
        }
        finally
        {
            bounce.Return(memory);
        }
    }

    private bool IsAligned(long offset, int length, byte* start) =>
        offset % file.OffsetAlignment == 0 && length % file.OffsetAlignment == 0
        && (nuint)start % (nuint)file.MemoryAlignment == 0;

    private long Seek(long offset, int whence)
    {
        var result = Libc.lseek(file.Buffered, offset, whence);
        return result < 0 ? -Marshal.GetLastPInvokeError() : result;
    }

    private long CurrentLength() => FileCalls.Stat(file.Buffered, out var now) < 0 ? 0 : (long)now.stx_size;

    private static FileIdentity IdentityOf(in statx attributes) => (attributes.stx_mode & Libc.S_IFMT) == Libc.S_IFBLK
        ? new FileIdentity(true, attributes.stx_rdev_major, attributes.stx_rdev_minor, 0)
        : new FileIdentity(false, attributes.stx_dev_major, attributes.stx_dev_minor, attributes.stx_ino);

    private DeviceIoException Error(string operation, long offset, long length, int error) =>
        new(Name, offset, length, operation, error, FileCalls.Reason(error));
}
