using System.Diagnostics;
using Tidemark.Engine.Devices.Queues;
using Tidemark.Engine.Io;

namespace Tidemark.Engine.Devices;

/// <summary>
/// A device in memory: starts as one hole of zeros or with given content, knows which ranges were never written, and
/// fails where it is told to. Resizing needs that nothing is in flight; all else may come from several threads.
/// </summary>
internal sealed class MemoryDevice : BlockDevice
{
    /// <summary>EIO of Linux, which is what a medium's error looks like.</summary>
    public const int FailureError = 5;

    private readonly Lock gate = new();
    private readonly RangeSet holes = new();
    private readonly RangeSet failingReads = new();
    private readonly RangeSet failingWrites = new();
    private readonly string name;
    private readonly DeviceGeometry shape;
    private byte[] content;

    /// <summary>A device of zeros, all of it a hole.</summary>
    public MemoryDevice(int length, int sectorSize = DeviceGeometry.DefaultSectorSize, string name = "memory device")
        : this(new byte[length], sectorSize, name) => holes.Add(0, length);

    /// <summary>A device with this content, which becomes its own.</summary>
    public MemoryDevice(byte[] content, int sectorSize = DeviceGeometry.DefaultSectorSize, string name = "memory device")
    {
        this.content = content;
        this.name = name;
        shape = new DeviceGeometry(0, sectorSize, sectorSize, 1, 1);
    }

    public override string Name => name;

    public override DeviceGeometry Geometry => shape with { Length = content.Length };

    public override bool CanWrite => true;

    /// <summary>Neither a question nor a transfer costs anything.</summary>
    public override int WorthwhileHole => 1;

    /// <summary>How often <see cref="Flush"/> was called.</summary>
    public int Flushes { get; private set; }

    /// <summary>A seed for the order in which queues finish transfers; without one it is the order of submission.</summary>
    public int? CompletionSeed { get; set; }

    /// <summary>A device with content that a seed determines.</summary>
    public static MemoryDevice Random(int length, int seed, int sectorSize = DeviceGeometry.DefaultSectorSize)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return new MemoryDevice(bytes, sectorSize);
    }

    /// <summary>The bytes as they are now, beside all failures.</summary>
    public ReadOnlySpan<byte> Content => content;

    public override void ReadAt(long offset, Span<byte> buffer)
    {
        Debug.Assert(offset >= 0 && offset + buffer.Length <= Length);
        Check(failingReads, offset, buffer.Length, "Reading");
        content.AsSpan((int)offset, buffer.Length).CopyTo(buffer);
    }

    public override void WriteAt(long offset, ReadOnlySpan<byte> buffer)
    {
        Debug.Assert(offset >= 0 && offset + buffer.Length <= Length);
        Check(failingWrites, offset, buffer.Length, "Writing");
        buffer.CopyTo(content.AsSpan((int)offset));
        lock (gate)
        {
            holes.Remove(offset, offset + buffer.Length);
        }
    }

    public override void WriteZeros(long offset, long length)
    {
        Debug.Assert(offset >= 0 && length >= 0 && offset + length <= Length);
        Check(failingWrites, offset, length, "Zeroing");
        content.AsSpan((int)offset, (int)length).Clear();
        lock (gate)
        {
            holes.Add(offset, offset + length);
        }
    }

    public override void Flush() => Flushes++;

    public override DeviceExtent ExtentAt(long offset)
    {
        Debug.Assert(offset >= 0 && offset < Length);
        lock (gate)
        {
            var (inside, end) = holes.RunAt(offset);
            return new DeviceExtent(
                offset, Math.Min(end, Length) - offset, inside ? ExtentKind.Unallocated : ExtentKind.Data);
        }
    }

    public override IoQueue OpenQueue(IoQueueOptions options) => CompletionSeed is { } seed
        ? new ShuffledIoQueue(new PositionalIoQueue(this, options, "memory"), seed)
        : new PositionalIoQueue(this, options, "memory");

    /// <summary>Makes every read that touches the range fail, and every write if <paramref name="writes"/>.</summary>
    public void Fail(long offset, long length, bool writes = false)
    {
        lock (gate)
        {
            failingReads.Add(offset, offset + length);
            if (writes)
            {
                failingWrites.Add(offset, offset + length);
            }
        }
    }

    /// <summary>Ends all failures.</summary>
    public void Heal()
    {
        lock (gate)
        {
            failingReads.Clear();
            failingWrites.Clear();
        }
    }

    /// <summary>Cuts the device off, or adds a hole at its end.</summary>
    public void Resize(int length)
    {
        var old = content.Length;
        Array.Resize(ref content, length);
        lock (gate)
        {
            holes.Remove(Math.Min(old, length), long.MaxValue);
            holes.Add(Math.Min(old, length), length);
        }
    }

    private void Check(RangeSet failing, long offset, long length, string operation)
    {
        long at;
        lock (gate)
        {
            at = failing.FirstIn(offset, offset + length);
        }

        if (at >= 0)
        {
            throw new DeviceIoException(
                Name, offset, length, operation, FailureError, $"the device was told to fail at {at}");
        }
    }
}
