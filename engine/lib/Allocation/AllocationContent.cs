using System.Diagnostics;

namespace Tidemark.Engine.Allocation;

/// <summary>The content of a file or stream of a volume, in its order, wherever its pieces lie.</summary>
internal abstract class AllocationContent
{
    /// <summary>Bytes.</summary>
    public abstract long Length { get; }

    /// <summary>Fills the buffer from a position; the range must be inside.</summary>
    /// <exception cref="AllocationException">A piece of it can't be read.</exception>
    public void Read(long position, Span<byte> buffer)
    {
        Debug.Assert(position >= 0 && position <= Length - buffer.Length);
        ReadInside(position, buffer);
    }

    protected abstract void ReadInside(long position, Span<byte> buffer);
}
