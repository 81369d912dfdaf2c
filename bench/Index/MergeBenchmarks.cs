using BenchmarkDotNet.Attributes;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Index;
using Tidemark.Engine.Pipelines;

namespace Tidemark.Bench.Index;

/// <summary>
/// What the chain costs a scan, by its length: reading its merged index for 1 GiB in blocks of 4 KiB, and comparing the
/// hashes of an unchanged volume with it. Pages are read from memory, with their checks.
/// </summary>
[MemoryDiagnoser]
public class MergeBenchmarks
{
    /// <summary>Blocks that a scan hands over at a time: 512 KiB.</summary>
    private const int PieceBlocks = 128;

    private readonly byte[] piece = new byte[PieceBlocks * SyntheticChain.BlockSize];
    private readonly UInt128[] hashes = new UInt128[SyntheticChain.Blocks];
    private readonly BlockHasher hasher = BlockHasher.Create(HashAlgorithm.Xxh128, new byte[BlockHasher.KeySize]);
    private SyntheticChain chain = null!;

    [Params(1, 10, 250)]
    public int Images { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        chain = new SyntheticChain(Images);
        var merge = new MergeCursor(chain.Lineage);
        while (merge.Read(merge.BlockCount, out var run))
        {
            merge.Hashes.CopyTo(hashes.AsSpan((int)run.First));
        }
    }

    [GlobalCleanup]
    public void Cleanup() => chain.Dispose();

    [Benchmark]
    public long Merge()
    {
        var merge = new MergeCursor(chain.Lineage);
        long runs = 0;
        while (merge.Read(merge.BlockCount, out _))
        {
            runs++;
        }

        return runs;
    }

    [Benchmark]
    public long Compare()
    {
        // Nothing changed, so nothing is handed to a packer.
        var comparer = new BlockComparer(new MergeCursor(chain.Lineage), null!, hasher, SyntheticChain.BlockSize);
        for (var first = 0; first < SyntheticChain.Blocks; first += PieceBlocks)
        {
            comparer.Blocks(first, piece, hashes.AsSpan(first, PieceBlocks));
        }

        return comparer.ChangedBlocks;
    }
}
