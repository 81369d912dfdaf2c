using Microsoft.Win32.SafeHandles;
using Tidemark.Engine.Devices;
using Xunit;

namespace Tidemark.Harness.VirtualDisks;

/// <summary>A file by positional reads and nothing else: what stands below a virtual disk in these tests.</summary>
internal sealed class PlainFileDevice(string path) : BlockDevice
{
    private readonly SafeFileHandle handle = File.OpenHandle(path);

    public override string Name => path;

    public override DeviceGeometry Geometry => DeviceGeometry.OfBytes(RandomAccess.GetLength(handle));

    public override void ReadAt(long offset, Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var count = RandomAccess.Read(handle, buffer, offset);
            Assert.True(count > 0, $"read beyond the end of {path}");
            buffer = buffer[count..];
            offset += count;
        }
    }

    protected override void Dispose(bool disposing)
    {
        handle.Dispose();
        base.Dispose(disposing);
    }
}
