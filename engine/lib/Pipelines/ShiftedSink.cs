using Tidemark.Engine.Format;

namespace Tidemark.Engine.Pipelines;

/// <summary>Tells what is scanned of a part of a volume by the volume's own block numbers.</summary>
/// <param name="shift">The volume's block at which the part begins.</param>
internal sealed class ShiftedSink(IScanSink inner, long shift) : IScanSink
{
    public long ChangedBlocks => inner.ChangedBlocks;

    public void Blocks(long first, ReadOnlySpan<byte> data, ReadOnlySpan<UInt128> hashes) => inner.Blocks(first + shift, data, hashes);

    public void Unreadable(long block, ReadOnlySpan<byte> data, UInt128 hash) => inner.Unreadable(block + shift, data, hash);

    public void Unread(long first, long count, BlockState state) => inner.Unread(first + shift, count, state);
}
