using Tidemark.Engine.Format;

namespace Tidemark.Engine.Pipelines;

/// <summary>What a scan of a source hands on: every block once, in order.</summary>
internal interface IScanSink
{
    /// <summary>Blocks found to differ so far.</summary>
    long ChangedBlocks { get; }

    /// <summary>Whole blocks that were read; a last block that reaches past the source's end is filled with zeros.</summary>
    void Blocks(long first, ReadOnlySpan<byte> data, ReadOnlySpan<UInt128> hashes);

    /// <summary>A block of which sectors couldn't be read and hold the pattern that says so.</summary>
    void Unreadable(long block, ReadOnlySpan<byte> data, UInt128 hash);

    /// <summary>Blocks that weren't read: the source stores nothing for them, or they are free or left out.</summary>
    /// <param name="state"><see cref="BlockState.Unallocated"/>, <see cref="BlockState.Free"/> or <see cref="BlockState.Excluded"/>.</param>
    void Unread(long first, long count, BlockState state);
}
