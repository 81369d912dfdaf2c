using Tidemark.Engine.Stores;

namespace Tidemark.Engine.Images;

/// <summary>
/// A part of an image as its repair file has it: the repaired pieces come from there, all else from the part itself. What
/// neither has can't be read, and is damaged.
/// </summary>
internal sealed class PatchedFile : StoreFile
{
    private readonly StoreFile? part;
    private readonly StoreFile repair;
    private readonly ReadOnlyMemory<RepairPiece> pieces;
    private readonly string name;

    /// <param name="name">What messages call the part.</param>
    /// <param name="part">The part as it is; null if it is gone.</param>
    /// <param name="repair">The repair file, opened for this part alone.</param>
    /// <param name="pieces">The pieces of this part, by offset.</param>
    /// <param name="length">Bytes the part has when it is whole.</param>
    public PatchedFile(string name, StoreFile? part, StoreFile repair, ReadOnlyMemory<RepairPiece> pieces, long length)
    {
        this.name = name;
        this.part = part;
        this.repair = repair;
        this.pieces = pieces;
        Length = length;
    }

    public override string Name => name;

    public override long Length { get; }

    public override bool TakesHints => part?.TakesHints ?? false;

    public override void Expect(long offset, long length) => part?.Expect(offset, length);

    public override void ReadAt(long offset, Span<byte> buffer, CancellationToken cancellation)
    {
        var all = pieces.Span;
        var next = FirstEndingAfter(offset);
        while (!buffer.IsEmpty)
        {
            var inside = next < all.Length && all[next].Offset <= offset;
            var until = inside ? all[next].End : next < all.Length ? all[next].Offset : Length;
            var count = (int)Math.Min(buffer.Length, until - offset);
            if (count <= 0)
            {
                throw TidemarkException.Damaged($"{name} ends at {Length}, where {buffer.Length} more bytes were expected.");
            }

            if (inside)
            {
                repair.ReadAt(all[next].Source + offset - all[next].Offset, buffer[..count], cancellation);
                next++;
            }
            else if (part is null || offset + count > part.Length)
            {
                throw TidemarkException.Damaged($"{name} lacks bytes {offset} to {offset + count - 1}: they are lost.");
            }
            else
            {
                part.ReadAt(offset, buffer[..count], cancellation);
            }

            offset += count;
            buffer = buffer[count..];
        }
    }

    public override void Dispose()
    {
        part?.Dispose();
        repair.Dispose();
    }

    private int FirstEndingAfter(long offset)
    {
        var all = pieces.Span;
        var low = 0;
        var high = pieces.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (all[middle].End <= offset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
