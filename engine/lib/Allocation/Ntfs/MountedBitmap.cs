using System.Buffers.Binary;

namespace Tidemark.Engine.Allocation.Ntfs;

/// <summary>
/// The bitmap of a volume as the system gives it that has it mounted, asked for in pieces ([MS-FSCC] 2.3.15 and 2.3.16,
/// FSCTL_GET_VOLUME_BITMAP).
/// </summary>
internal sealed class MountedBitmap : AllocationContent
{
    /// <summary>In front of an answer's bits: the first cluster, and how many there are from it on.</summary>
    public const int HeaderSize = 16;

    /// <summary>Bytes of an answer: the clusters of 2 GiB at 4 KiB each.</summary>
    private const int PieceBytes = (64 << 10) + HeaderSize;

    private readonly Asking ask;
    private readonly byte[] piece = new byte[PieceBytes];

    // Bytes of the bitmap that the piece at hand begins with and ends before.
    private long start;
    private long end;

    private MountedBitmap(Asking ask) => this.ask = ask;

    /// <summary>Asks for the bits from a cluster on.</summary>
    /// <param name="cluster">The first one; the answer may begin with one before it.</param>
    /// <param name="answer">Gets header and bits, as many as fit.</param>
    /// <returns>Bytes of the answer; negative where there is none.</returns>
    internal delegate int Asking(long cluster, Span<byte> answer);

    public override long Length => (Clusters + 7) / 8;

    /// <summary>Of the volume.</summary>
    public long Clusters { get; private set; }

    /// <summary>The bitmap of a volume; null where the system gives none.</summary>
    public static MountedBitmap? TryOpen(Asking ask)
    {
        var bitmap = new MountedBitmap(ask);
        return bitmap.TryAsk(0, out var clusters) && bitmap.start == 0 && (bitmap.Clusters = clusters) > 0 ? bitmap : null;
    }

    protected override void ReadInside(long position, Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            if (position < start || position >= end)
            {
                // A bitmap that grows or shrinks meanwhile isn't of a volume that is held still.
                if (!TryAsk(position * 8, out var rest) || position < start || position >= end || (start * 8) + rest != Clusters)
                {
                    throw new AllocationException("the system's answer about its clusters isn't to be understood");
                }
            }

            var count = (int)Math.Min(buffer.Length, end - position);
            piece.AsSpan(HeaderSize + (int)(position - start), count).CopyTo(buffer);
            buffer = buffer[count..];
            position += count;
        }
    }

    private bool TryAsk(long cluster, out long rest)
    {
        var returned = ask(cluster, piece);
        var first = BinaryPrimitives.ReadInt64LittleEndian(piece);
        rest = BinaryPrimitives.ReadInt64LittleEndian(piece.AsSpan(8));
        if (returned <= HeaderSize || first < 0 || first > cluster || first % 8 != 0 || rest < 0 || rest > long.MaxValue - first)
        {
            return false;
        }

        start = first / 8;
        end = start + Math.Min(returned - HeaderSize, (rest + 7) / 8);
        return true;
    }
}
