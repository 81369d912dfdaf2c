using System.Diagnostics;

namespace Tidemark.Engine.Devices;

/// <summary>A stream as a target: written once from front to back, what lies between two writes as zeros.</summary>
internal sealed class StreamDevice(Stream stream, string name, long length) : BlockDevice
{
    /// <summary>What most programs take of a pipe at once.</summary>
    private const int ZeroPiece = 64 << 10;

    private static readonly byte[] zeros = new byte[ZeroPiece];

    private long position;

    public override string Name => name;

    public override DeviceGeometry Geometry { get; } = DeviceGeometry.OfBytes(length);

    public override bool CanWrite => true;

    public override void ReadAt(long offset, Span<byte> buffer) => throw new NotSupportedException($"{Name} is a stream, and can't be read.");

    public override void WriteAt(long offset, ReadOnlySpan<byte> buffer)
    {
        Debug.Assert(offset >= position && offset + buffer.Length <= Length);
        WriteZeros(position, offset - position);
        Put(buffer);
    }

    public override void WriteZeros(long offset, long length)
    {
        Debug.Assert(offset >= position && offset + length <= Length);
        for (var end = offset + length; position < end;)
        {
            Put(zeros.AsSpan(0, (int)Math.Min(ZeroPiece, end - position)));
        }
    }

    /// <summary>Writes what is left as zeros, and hands on all of it.</summary>
    public override void Flush()
    {
        WriteZeros(position, Length - position);
        stream.Flush();
    }

    protected override void Dispose(bool disposing)
    {
        stream.Dispose();
        base.Dispose(disposing);
    }

    private void Put(ReadOnlySpan<byte> buffer)
    {
        try
        {
            stream.Write(buffer);
            position += buffer.Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DeviceIoException(Name, position, buffer.Length, "Writing", e.HResult & 0xFFFF, e.Message.TrimEnd('.'));
        }
    }
}
