using Microsoft.Win32.SafeHandles;
using Tidemark.Engine.Devices;

namespace Tidemark.Harness.Volumes;

/// <summary>A file or block device read by plain positional calls: nothing here is tested but what is probed.</summary>
internal sealed class FileDevice : BlockDevice
{
    private readonly SafeFileHandle handle;

    public FileDevice(string path, int sectorSize = 512)
    {
        Name = path;
        handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);

        // A block device has no file length; its end is where seeking to the end leads.
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1);
        Geometry = new DeviceGeometry(stream.Seek(0, SeekOrigin.End), sectorSize, sectorSize, 1, 1);
    }

    public override string Name { get; }

    public override DeviceGeometry Geometry { get; }

    public override void ReadAt(long offset, Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var read = RandomAccess.Read(handle, buffer, offset);
            if (read == 0)
            {
                throw new DeviceIoException(Name, offset, buffer.Length, "Read", 5, "end of file");
            }

            buffer = buffer[read..];
            offset += read;
        }
    }

    protected override void Dispose(bool disposing)
    {
        handle.Dispose();
        base.Dispose(disposing);
    }
}
