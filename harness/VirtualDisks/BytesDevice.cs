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
        // Plain conditions, since tests that count allocations read through this, and asserting a range allocates.
        if (Disposed || offset < 0 || offset > bytes.Length - buffer.Length)
        {
            Assert.Fail($"{buffer.Length} bytes were read at {offset} of {bytes.Length}{(Disposed ? " after dispose" : "")}");
        }

        Reads++;
        bytes.AsSpan((int)offset, buffer.Length).CopyTo(buffer);
    }

    protected override void Dispose(bool disposing)
    {
        Disposed = true;
        base.Dispose(disposing);
    }
}
