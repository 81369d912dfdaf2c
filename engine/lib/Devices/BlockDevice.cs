using Tidemark.Engine.Devices.Queues;
using Tidemark.Engine.Io;

namespace Tidemark.Engine.Devices;

/// <summary>
/// Something with a fixed length that is read, and perhaps written, at any offset: a file, a block device, a virtual
/// disk, memory. Positional calls may come from several threads at once; offsets and lengths are in bytes and lie
/// within <see cref="DeviceGeometry.Length"/>. Positional calls take any alignment; queues take the geometry's.
/// </summary>
internal abstract class BlockDevice : IDisposable
{
    /// <summary>What messages call it: the path as the user gave it, or a description.</summary>
    public abstract string Name { get; }

    public abstract DeviceGeometry Geometry { get; }

    public long Length => Geometry.Length;

    public virtual bool CanWrite => false;

    /// <summary>Fills <paramref name="buffer"/> from <paramref name="offset"/>.</summary>
    /// <exception cref="DeviceIoException">The range, or a part of it, can't be read.</exception>
    public abstract void ReadAt(long offset, Span<byte> buffer);

    /// <summary>
    /// Reads from the medium itself, past whatever remembers it on the way; for one who doubts that the medium is there.
    /// </summary>
    /// <exception cref="DeviceIoException">The range, or a part of it, can't be read.</exception>
    public virtual void ReadAnew(long offset, Span<byte> buffer) => ReadAt(offset, buffer);

    /// <summary>
    /// After a transfer failed: why the device as a whole isn't there any more, in words that follow a colon; null as long as
    /// nothing says so, and the failure may be that of a few sectors.
    /// </summary>
    /// <param name="error">The failure's error number, as a completion or <see cref="DeviceIoException"/> has it.</param>
    public virtual string? WhyGone(int error) => null;

    /// <exception cref="DeviceIoException">The range, or a part of it, can't be written.</exception>
    public virtual void WriteAt(long offset, ReadOnlySpan<byte> buffer) =>
        throw new NotSupportedException($"{Name} is open for reading only.");

    /// <summary>Makes the range read as zeros, as cheaply as the device can.</summary>
    /// <exception cref="DeviceIoException">The range, or a part of it, can't be written.</exception>
    public virtual void WriteZeros(long offset, long length) =>
        throw new NotSupportedException($"{Name} is open for reading only.");

    /// <summary>Tells the device that nobody needs what it holds in a range; false where it doesn't take that.</summary>
    /// <remarks>What the range reads as afterwards is anybody's guess. No error: nothing depends on it.</remarks>
    public virtual bool TryTrim(long offset, long length) => false;

    /// <summary>Makes all that was written durable.</summary>
    public virtual void Flush()
    {
    }

    /// <summary>
    /// The extent that covers <paramref name="offset"/>, from there to where its kind changes (or earlier: callers
    /// ask again at its end). A device that knows nothing says it is all data.
    /// </summary>
    public virtual DeviceExtent ExtentAt(long offset) => new(offset, Length - offset, ExtentKind.Data);

    /// <summary>
    /// Bytes of a hole from which on it is skipped; a smaller one is read with what lies around it. To read 64 KiB of a hole,
    /// which no disk is asked for, costs about what one more transfer and the questions about its end do.
    /// </summary>
    public virtual int WorthwhileHole => 64 << 10;

    /// <summary>
    /// Whether reading through the system's page cache (<see cref="IoQueueOptions.ThroughCache"/>) is the faster way, since
    /// nearly all of the content lies there.
    /// </summary>
    public virtual bool IsCached() => false;

    /// <summary>
    /// Opens a queue of transfers on this device. The base gives the positional fallback; a device with a faster way
    /// overrides it.
    /// </summary>
    public virtual IoQueue OpenQueue(IoQueueOptions options) => new PositionalIoQueue(this, options);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }
}
