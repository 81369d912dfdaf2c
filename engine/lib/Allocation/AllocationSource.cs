namespace Tidemark.Engine.Allocation;

/// <summary>
/// The bytes of a volume for those who read its records: any offset, any length. Never the live mount of it: what is read here is
/// what is imaged.
/// </summary>
internal abstract class AllocationSource
{
    /// <summary>Bytes of the volume.</summary>
    public abstract long Length { get; }

    /// <summary>Bytes of a logical sector of the device, a power of two from 512 on.</summary>
    public abstract int SectorSize { get; }

    /// <summary>Fills the buffer.</summary>
    /// <exception cref="AllocationException">The range isn't wholly inside, or can't be read.</exception>
    public void Read(long offset, Span<byte> buffer)
    {
        if (offset < 0 || offset > Length - buffer.Length)
        {
            throw new AllocationException($"its records point to byte {offset}, which lies outside of it");
        }

        ReadInside(offset, buffer);
    }

    /// <summary>Fills the buffer from a range that is known to be inside.</summary>
    /// <exception cref="AllocationException">The range can't be read.</exception>
    protected abstract void ReadInside(long offset, Span<byte> buffer);
}
