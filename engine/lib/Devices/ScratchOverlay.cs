using System.Diagnostics;

namespace Tidemark.Engine.Devices;

/// <summary>
/// A device that can be written in front of one that can't: what is written goes to a file without a name, which ends with
/// the overlay. Blocks of 4 KiB are either here or beneath; memory grows with what is written, by a bit a block.
/// </summary>
internal sealed class ScratchOverlay : BlockDevice
{
    /// <summary>The block of most file systems, so that few writes have to read first.</summary>
    private const int BlockSize = 4096;

    /// <summary>Blocks that one word of the map stands for.</summary>
    private const int WordBlocks = 64;

    private readonly BlockDevice beneath;
    private readonly FileStream scratch;
    private readonly Dictionary<long, ulong> written = [];
    private readonly ReaderWriterLockSlim gate = new();

    /// <param name="beneath">What is read until it is written; stays the caller's.</param>
    /// <param name="folder">Where the file is made.</param>
    public ScratchOverlay(BlockDevice beneath, string folder)
    {
        this.beneath = beneath;
        var path = Path.Combine(folder, $"tidemark-{Guid.NewGuid():N}");
        scratch = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 0, FileOptions.DeleteOnClose);
        if (!OperatingSystem.IsWindows())
        {
            // Gone from the folder at once: it must not outlive a process that is killed.
            File.Delete(path);
        }

        RandomAccess.SetLength(scratch.SafeFileHandle, beneath.Length);
    }

    public override string Name => beneath.Name;

    public override DeviceGeometry Geometry => beneath.Geometry;

    public override bool CanWrite => true;

    public override void ReadAt(long offset, Span<byte> buffer)
    {
        gate.EnterReadLock();
        try
        {
            while (!buffer.IsEmpty)
            {
                var here = IsHere(offset / BlockSize);
                var length = (int)Run(offset, buffer.Length, here);
                if (here)
                {
                    Fill(offset, buffer[..length]);
                }
                else
                {
                    beneath.ReadAt(offset, buffer[..length]);
                }

                offset += length;
                buffer = buffer[length..];
            }
        }
        finally
        {
            gate.ExitReadLock();
        }
    }

    public override void WriteAt(long offset, ReadOnlySpan<byte> buffer)
    {
        gate.EnterWriteLock();
        try
        {
            Take(offset, buffer.Length);
            RandomAccess.Write(scratch.SafeFileHandle, buffer, offset);
        }
        finally
        {
            gate.ExitWriteLock();
        }
    }

    public override void WriteZeros(long offset, long length)
    {
        var zeros = new byte[Math.Min(length, 1 << 20)];
        while (length > 0)
        {
            var now = (int)Math.Min(length, zeros.Length);
            WriteAt(offset, zeros.AsSpan(0, now));
            offset += now;
            length -= now;
        }
    }

    public override DeviceExtent ExtentAt(long offset)
    {
        gate.EnterReadLock();
        try
        {
            var here = IsHere(offset / BlockSize);
            if (here)
            {
                return new DeviceExtent(offset, Run(offset, Length - offset, here), ExtentKind.Data);
            }

            var extent = beneath.ExtentAt(offset);
            return new DeviceExtent(offset, Run(offset, extent.Length, here), extent.Kind);
        }
        finally
        {
            gate.ExitReadLock();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            scratch.Dispose();
            gate.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool IsHere(long block) => written.TryGetValue(block / WordBlocks, out var bits) && (bits >> (int)(block % WordBlocks) & 1) != 0;

    // How far from an offset on blocks are all here or all beneath. Nothing written is the common case and takes one step.
    private long Run(long offset, long most, bool here)
    {
        if (!here && written.Count == 0)
        {
            return most;
        }

        var end = offset + most;
        var block = offset / BlockSize;
        while (block * BlockSize < end && IsHere(block) == here)
        {
            block++;
        }

        return Math.Min(end, block * BlockSize) - offset;
    }

    private void Fill(long offset, Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var count = RandomAccess.Read(scratch.SafeFileHandle, buffer, offset);
            Debug.Assert(count > 0);
            offset += count;
            buffer = buffer[count..];
        }
    }

    // Blocks that a write covers in part come up from beneath first; nothing is marked before all of that has succeeded.
    private void Take(long offset, long length)
    {
        var first = offset / BlockSize;
        var last = (offset + length - 1) / BlockSize;
        Raise(first);
        Raise(last);
        for (var block = first; block <= last; block++)
        {
            written.TryGetValue(block / WordBlocks, out var bits);
            written[block / WordBlocks] = bits | 1UL << (int)(block % WordBlocks);
        }

        void Raise(long block)
        {
            var begin = block * BlockSize;
            var size = (int)Math.Min(BlockSize, Length - begin);
            if (!IsHere(block) && (offset > begin || offset + length < begin + size))
            {
                Span<byte> content = stackalloc byte[BlockSize];
                beneath.ReadAt(begin, content[..size]);
                RandomAccess.Write(scratch.SafeFileHandle, content[..size], begin);
            }
        }
    }
}
