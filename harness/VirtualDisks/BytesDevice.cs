using Tidemark.Engine.Devices;
using Xunit;

namespace Tidemark.Harness.VirtualDisks;

/// <summary>A file in memory that counts its reads and refuses those beyond its end.</summary>
internal sealed class BytesDevice(byte[] bytes, string name = "bytes") : BlockDevice
{
    public byte[] Bytes => bytes;

    public override string Name => name;

    public override DeviceGeometry Geometry => DeviceGeometry.OfBytes(bytes.Length);

    public int Reads { get; private set; }

    public bool Disposed { get; private set; }

    public override void ReadAt(long offset, Span<byte> buffer)
    {
        Assert.False(Disposed, "read after dispose");
        Assert.InRange(offset, 0, bytes.Length - buffer.Length);
        Reads++;
        bytes.AsSpan((int)offset, buffer.Length).CopyTo(buffer);
    }

    protected override void Dispose(bool disposing)
    {
        Disposed = true;
        base.Dispose(disposing);
    }
}
