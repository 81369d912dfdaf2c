namespace Tidemark.Engine.Devices.VirtualDisks.Writing;

/// <summary>The disk as it is, byte for byte; zeros are holes.</summary>
internal sealed class RawWriter : DiskWriter
{
    public RawWriter(RawDevice file, long size)
        : base(file, size) => file.Resize(size);

    public override long Unit => 0;

    public override long Place(long offset, int length, out int run)
    {
        run = length;
        return offset;
    }

    public override void Zeros(long offset, long length)
    {
    }

    public override void Complete()
    {
    }
}
