using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using TerraFX.Interop.Windows;
using Tidemark.Engine.Devices.Queues;
using Tidemark.Engine.Io;

namespace Tidemark.Engine.Devices;

/// <summary>A file, disk, volume or shadow copy by its handles.</summary>
internal sealed unsafe partial class WindowsRawDevice : RawDevice
{
    /// <summary>Bytes of zeros written at once where the device can't do it by itself; as large as a queue's transfers.</summary>
    private const int ZeroPiece = 1 << 20;

    private readonly OverlappedFile file;
    private readonly VolumeLocks? locks;
    private readonly BouncePool bounce = new();
    private volatile bool sparse;
    private bool disposed;

    private WindowsRawDevice(
        string name, OverlappedFile file, FileIdentity identity, DeviceGeometry geometry, bool write, bool sparse, VolumeLocks? locks)
        : base(name, geometry, write, identity)
    {
        this.file = file;
        this.sparse = sparse;
        this.locks = locks;
    }

    /// <summary>The handles below, for a queue of a certain kind.</summary>
    public OverlappedFile File => file;

    public override bool IsDirect => file.TakesDirect;

    public override string? BufferedNote => file.Note;

    public override void ReadAt(long offset, Span<byte> buffer)
    {
        AssertRange(offset, buffer.Length);
        fixed (byte* start = buffer)
        {
            if (!file.TakesDirect || IsAligned(offset, buffer.Length, start))
            {
                ReadFully(start, buffer.Length, offset);
            }
            else
            {
                ReadThroughBounce(offset, buffer);
            }
        }
    }

    public override void WriteAt(long offset, ReadOnlySpan<byte> buffer)
    {
        RequireWrite();
        AssertRange(offset, buffer.Length);
        fixed (byte* start = buffer)
        {
            if (IsBlockDevice && !IsAligned(offset, buffer.Length, start))
            {
                WriteThroughBounce(offset, buffer);
            }
            else
            {
                WriteFully(start, buffer.Length, offset, IsAligned(offset, buffer.Length, start));
            }
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

        if (!IsBlockDevice)
        {
            var range = new FILE_ZERO_DATA_INFORMATION
            {
                FileOffset = new LARGE_INTEGER { QuadPart = offset },
                BeyondFinalZero = new LARGE_INTEGER { QuadPart = offset + length },
            };
            var error = WindowsFileCalls.Control(
                file.Buffered, FSCTL.FSCTL_SET_ZERO_DATA, &range, sizeof(FILE_ZERO_DATA_INFORMATION), null, 0, out _);
            if (error == 0)
            {
                return;
            }

            if (!WindowsFileCalls.IsMissing(error))
            {
                throw Error("Zeroing", offset, length, error);
            }
        }

        WriteZeroBytes(offset, length);
    }

    public override void Flush()
    {
        if (!CanWrite)
        {
            return;
        }

        // Some devices have nothing to flush and say so.
        var error = WindowsFileCalls.Flush(file.Buffered);
        if (error != 0 && !(IsBlockDevice && WindowsFileCalls.IsMissing(error)))
        {
            throw Error("Flushing", 0, Length, error);
        }
    }

    public override DeviceExtent ExtentAt(long offset)
    {
        Debug.Assert(offset >= 0 && offset < Length);
        var rest = new DeviceExtent(offset, Length - offset, ExtentKind.Data);
        if (IsBlockDevice || !sparse)
        {
            return rest;
        }

        var asked = new FILE_ALLOCATED_RANGE_BUFFER
        {
            FileOffset = new LARGE_INTEGER { QuadPart = offset },
            Length = new LARGE_INTEGER { QuadPart = rest.Length },
        };
        FILE_ALLOCATED_RANGE_BUFFER first = default;
        var size = sizeof(FILE_ALLOCATED_RANGE_BUFFER);
        var error = WindowsFileCalls.Control(
            file.Buffered, FSCTL.FSCTL_QUERY_ALLOCATED_RANGES, &asked, size, &first, size, out var returned);
        if (error is not (0 or ERROR.ERROR_MORE_DATA))
        {
            sparse = false;
            return rest;
        }

        if (returned < size)
        {
            // Nothing is stored from here on, or the file has shrunk; then reading says so.
            return WindowsFileCalls.Length(file.Buffered, out var now) == 0 && now >= Length
                ? rest with { Kind = ExtentKind.Unallocated }
                : rest;
        }

        var start = first.FileOffset.QuadPart;
        if (start > offset)
        {
            return new DeviceExtent(offset, Math.Min(start, Length) - offset, ExtentKind.Unallocated);
        }

        var end = start + first.Length.QuadPart;
        return end > offset ? rest with { Length = Math.Min(end, Length) - offset } : rest;
    }

    public override IoQueue OpenQueue(IoQueueOptions options) =>
        WindowsFileIoQueue.Open(this, file, options, Environment.GetEnvironmentVariable(FileIoQueue.Switch));

    protected override void SetLength(long length) => RequireLength(WindowsFileCalls.SetLength(file.Buffered, length), Name, length);

    protected override void Dispose(bool disposing)
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        if (IsBlockDevice && CanWrite)
        {
            // The partition table may be another one now; a volume has no such call, which is as well.
            _ = WindowsFileCalls.Control(file.Buffered, IOCTL.IOCTL_DISK_UPDATE_PROPERTIES);
        }

        file.Dispose();
        locks?.Dispose();
        bounce.Dispose();
        base.Dispose(disposing);
    }

    private void ReadThroughBounce(long offset, Span<byte> buffer)
    {
        var align = file.Alignment;
        var memory = bounce.Rent();
        try
        {
            while (buffer.Length > 0)
            {
                var skip = (int)(offset % align);
                var count = Math.Min(buffer.Length, BouncePool.BufferSize - skip);
                var rounded = (skip + count + align - 1) / align * align;
                ReadFully(memory.Pointer, rounded, offset - skip, skip, count);
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

    // A device takes whole sectors, so what lies around the bytes is read and written back with them.
    private void WriteThroughBounce(long offset, ReadOnlySpan<byte> buffer)
    {
        var align = file.Alignment;
        var memory = bounce.Rent();
        try
        {
            while (buffer.Length > 0)
            {
                var skip = (int)(offset % align);
                var count = Math.Min(buffer.Length, BouncePool.BufferSize - skip);
                var rounded = (int)Math.Min((skip + count + align - 1) / align * align, Length - (offset - skip));
                if (skip != 0 || count != rounded)
                {
                    ReadFully(memory.Pointer, rounded, offset - skip);
                }

                buffer[..count].CopyTo(memory.Slice((nuint)skip, count));
                WriteFully(memory.Pointer, rounded, offset - skip, direct: true);
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
    private void ReadFully(byte* start, int length, long offset, int skip = 0, int? wanted = null)
    {
        var needed = skip + (wanted ?? length);
        var done = 0;
        while (done < needed)
        {
            // A short unbuffered read stops at an aligned place, except at the end or before an error; both show up
            // again when the rest is asked for through the cache.
            var from = file.TakesDirect && done % file.Alignment == 0 ? file.Direct! : file.Buffered;
            var moved = WindowsFileCalls.Read(from, start + done, (uint)(length - done), offset + done);
            if (IsRefused(from, moved))
            {
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
                    ERROR.ERROR_HANDLE_EOF,
                    $"it now ends at {offset + done}, so it was cut off while it was open");
            }

            done += (int)moved;
        }
    }

    private void WriteFully(byte* start, int length, long offset, bool direct)
    {
        var done = 0;
        while (done < length)
        {
            var to = direct && file.TakesDirect && done % file.Alignment == 0 ? file.Direct! : file.Buffered;
            var moved = WindowsFileCalls.Write(to, start + done, (uint)(length - done), offset + done);
            if (IsRefused(to, moved))
            {
                continue;
            }

            if (moved <= 0)
            {
                throw Error("Writing", offset, length, moved == 0 ? ERROR.ERROR_IO_DEVICE : (int)-moved);
            }

            done += (int)moved;
        }
    }

    // A file system that takes unbuffered reads may refuse unbuffered writes; what was asked for then goes through the cache.
    private bool IsRefused(SafeFileHandle handle, long result) => result < 0 && WindowsFileCalls.IsMissing((int)-result)
        && !file.IsDevice && ReferenceEquals(handle, file.Direct) && file.RefuseDirect((int)-result);

    private void WriteZeroBytes(long offset, long length)
    {
        using var zeros = new AlignedMemory((nuint)Math.Min(ZeroPiece, length));
        var end = offset + length;
        while (offset < end)
        {
            // The first piece ends at an aligned place, so that the others are aligned.
            var count = (int)Math.Min(end - offset, (long)zeros.Length - (offset % Math.Min(ZeroPiece, (long)zeros.Length)));
            WriteAt(offset, zeros.Slice(0, count));
            offset += count;
        }
    }

    private bool IsAligned(long offset, int length, byte* start) =>
        offset % file.Alignment == 0 && length % file.Alignment == 0 && (nuint)start % (nuint)file.Alignment == 0;

    private DeviceIoException Error(string operation, long offset, long length, int error) =>
        new(Name, offset, length, operation, error, WindowsFileCalls.Reason(error));
}
