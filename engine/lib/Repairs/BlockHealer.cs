using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Index;
using Tidemark.Engine.Io;
using Tidemark.Engine.Pipelines;

namespace Tidemark.Engine.Repairs;

/// <summary>
/// Reads damaged blocks of an image from a source again and hands on those whose identity hash is the one in the image's
/// index: the hash proves that they are what the image held.
/// </summary>
internal sealed class BlockHealer
{
    /// <summary>Bytes read at a time.</summary>
    private const int ReadSize = 1 << 20;

    private readonly BlockDevice source;
    private readonly SectorBisection salvage;
    private readonly BlockHasher hasher;
    private readonly ImageHeader header;
    private readonly Action<long, BlockState, UInt128, ReadOnlyMemory<byte>> heal;
    private readonly Action<long, long, bool> leave;
    private readonly byte[] buffer;

    /// <param name="heal">Told each block that the source still has, in order.</param>
    /// <param name="leave">Told the blocks that stay damaged, first and count, and whether their hashes are known.</param>
    public BlockHealer(
        BlockDevice source, BlockHasher hasher, ImageHeader header, Action<long, BlockState, UInt128, ReadOnlyMemory<byte>> heal,
        Action<long, long, bool> leave)
    {
        this.source = source;
        this.hasher = hasher;
        this.header = header;
        this.heal = heal;
        this.leave = leave;
        salvage = new SectorBisection(source);
        buffer = new byte[Math.Max(ReadSize, header.BlockSize)];
    }

    /// <summary>Where else a block may be that the source doesn't have.</summary>
    public IReadOnlyList<BlockDevice> Stored { get; init; } = [];

    /// <summary>What the reads are held to; null for full speed.</summary>
    public RatePacer? Pacer { get; init; }

    public long ReadBytes { get; private set; }

    /// <summary>Deals with the damaged blocks of an extent, which come in order.</summary>
    public void Run(in MergedExtent extent, ReadOnlySpan<UInt128> hashes, long first, long end, CancellationToken cancellation)
    {
        if (extent.State == BlockState.Lost)
        {
            // A forged header may speak of any number of them.
            leave(first, end - first, false);
        }

        if (!extent.State.IsStored())
        {
            return;
        }

        var perRead = buffer.Length / header.BlockSize;
        for (var block = first; block < end; block += perRead)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = (int)Math.Min(perRead, end - block);
            Compare(block, extent.State, hashes.Slice((int)(block - extent.First), count), cancellation);
        }
    }

    private void Compare(long first, BlockState state, ReadOnlySpan<UInt128> hashes, CancellationToken cancellation)
    {
        var offset = first * header.BlockSize;
        var length = hashes.Length * header.BlockSize;
        var there = (int)Math.Clamp(Math.Min(source.Length, header.SourceBytes) - offset, 0, length);
        buffer.AsSpan(there, length - there).Clear();
        if (there > 0)
        {
            Pacer?.Take(there, cancellation);
            var badBefore = salvage.BadBytes;
            salvage.Read(offset, buffer.AsSpan(0, there), cancellation);
            salvage.Presence.Settle(cancellation);
            if (salvage.BadBytes == badBefore)
            {
                salvage.Presence.Read(offset);
            }

            ReadBytes += there;
        }

        for (var i = 0; i < hashes.Length; i++)
        {
            var block = buffer.AsMemory(i * header.BlockSize, header.BlockSize);
            if (hasher.HashBlock(block.Span) == hashes[i] || TryStored(first + i, hashes[i], block.Span))
            {
                heal(first + i, state, hashes[i], block);
            }
            else
            {
                leave(first + i, 1, true);
            }
        }
    }

    /// <summary>Takes a block from where it was stored; false if it isn't whole there.</summary>
    private bool TryStored(long block, UInt128 hash, Span<byte> content)
    {
        var offset = block * header.BlockSize;
        var there = (int)Math.Min(header.BlockSize, header.SourceBytes - offset);
        foreach (var device in Stored)
        {
            try
            {
                content[there..].Clear();
                device.ReadAt(offset, content[..there]);
                if (hasher.HashBlock(content) == hash)
                {
                    return true;
                }
            }
            catch (Exception e) when (e is DeviceIoException or TidemarkException { Error: TidemarkError.Damaged })
            {
                // It is damaged there, or isn't in that image at all.
            }
        }

        return false;
    }
}
