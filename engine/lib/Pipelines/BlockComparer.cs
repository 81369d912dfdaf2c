using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Index;
using Tidemark.Engine.Packing;

namespace Tidemark.Engine.Pipelines;

/// <summary>
/// Compares what was read with what the chain knows and hands on what differs. Blocks come in order, each once.
/// Equal identity hashes are equal blocks; nothing here touches the heap.
/// </summary>
internal sealed class BlockComparer : IScanSink
{
    private readonly MergeCursor? chain;
    private readonly FramePacker packer;
    private readonly int blockSize;
    private readonly UInt128 zeroHash;

    /// <param name="chain">The state to compare with; null for a full image, of which every block is new.</param>
    public BlockComparer(MergeCursor? chain, FramePacker packer, BlockHasher hasher, int blockSize)
    {
        this.chain = chain;
        this.packer = packer;
        this.blockSize = blockSize;
        zeroHash = hasher.HashBlock(new byte[blockSize]);
    }

    /// <summary>Blocks handed on so far.</summary>
    public long ChangedBlocks { get; private set; }

    /// <summary>Compares blocks that were read without error; the hashes are theirs, in order.</summary>
    public void Blocks(long first, ReadOnlySpan<byte> data, ReadOnlySpan<UInt128> hashes)
    {
        Invariant.Holds(data.Length == (long)hashes.Length * blockSize);
        var end = first + hashes.Length;
        if (chain is null)
        {
            AddAll(first, data, hashes);
            return;
        }

        Invariant.Holds(chain.Position == first);
        while (chain.Read(end, out var extent))
        {
            var at = (int)(extent.First - first);
            var count = (int)extent.Count;
            var its = hashes.Slice(at, count);
            if (extent.State == BlockState.Data)
            {
                var known = chain.Hashes;
                if (!its.SequenceEqual(known))
                {
                    AddDifferent(extent.First, data.Slice(at * blockSize, count * blockSize), its, known);
                }
            }
            else if (extent.State.IsZeroContent())
            {
                AddNotZero(extent.First, data.Slice(at * blockSize, count * blockSize), its);
            }
            else
            {
                // New, once unreadable, free or left out before: recorded whatever it holds.
                AddAll(extent.First, data.Slice(at * blockSize, count * blockSize), its);
            }
        }
    }

    /// <summary>Compares one block of which sectors couldn't be read, filled with the pattern that says so.</summary>
    public void Unreadable(long block, ReadOnlySpan<byte> data, UInt128 hash)
    {
        if (chain is not null)
        {
            var read = chain.Read(block + 1, out var extent);
            Invariant.Holds(read && extent.First == block && extent.Count == 1);
            if (extent.State == BlockState.Unreadable && chain.Hashes[0] == hash)
            {
                return;
            }
        }

        packer.AddBlock(block, BlockState.Unreadable, hash, data);
        ChangedBlocks++;
    }

    /// <summary>Compares blocks that weren't read, however many they are.</summary>
    public void Unread(long first, long count, BlockState state)
    {
        if (chain is null)
        {
            AddUnread(first, count, state);
            return;
        }

        Invariant.Holds(chain.Position == first);
        while (chain.Read(first + count, out var extent))
        {
            if (extent.State != state && !(state == BlockState.Unallocated && extent.State.IsZeroContent()))
            {
                AddUnread(extent.First, extent.Count, state);
            }
        }
    }

    private void AddDifferent(long first, ReadOnlySpan<byte> data, ReadOnlySpan<UInt128> hashes, ReadOnlySpan<UInt128> known)
    {
        for (var i = 0; i < hashes.Length; i++)
        {
            if (hashes[i] != known[i])
            {
                Add(first + i, data.Slice(i * blockSize, blockSize), hashes[i]);
            }
        }
    }

    private void AddNotZero(long first, ReadOnlySpan<byte> data, ReadOnlySpan<UInt128> hashes)
    {
        for (var i = 0; i < hashes.Length; i++)
        {
            if (hashes[i] != zeroHash)
            {
                Add(first + i, data.Slice(i * blockSize, blockSize), hashes[i]);
            }
        }
    }

    private void AddAll(long first, ReadOnlySpan<byte> data, ReadOnlySpan<UInt128> hashes)
    {
        for (var i = 0; i < hashes.Length; i++)
        {
            Add(first + i, data.Slice(i * blockSize, blockSize), hashes[i]);
        }
    }

    private void AddUnread(long first, long count, BlockState state)
    {
        packer.AddExtent(first, count, state);
        ChangedBlocks += count;
    }

    private void Add(long block, ReadOnlySpan<byte> data, UInt128 hash)
    {
        ChangedBlocks++;

        // The content of a zero block is thrown away, so its hash alone doesn't decide.
        if (hash == zeroHash && Layout.AllZero(data))
        {
            packer.AddExtent(block, 1, BlockState.Zero);
        }
        else
        {
            packer.AddBlock(block, BlockState.Data, hash, data);
        }
    }
}
