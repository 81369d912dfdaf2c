using BenchmarkDotNet.Attributes;
using Tidemark.Engine.Index;
using Tidemark.Engine.Stores;

namespace Tidemark.Bench.Index;

/// <summary>
/// Index pages written, with the frames of noise between them, and read, for 1 GiB in blocks of 4 KiB: a full image, of
/// long runs, and an increment of scattered blocks. The store is in memory.
/// </summary>
[MemoryDiagnoser]
public class IndexPageBenchmarks
{
    private SyntheticChain chain = null!;

    /// <summary>1 is the full image, 2 the increment.</summary>
    [Params(1, 2)]
    public int Sequence { get; set; }

    [GlobalSetup]
    public void Setup() => chain = new SyntheticChain(2);

    [GlobalCleanup]
    public void Cleanup() => chain.Dispose();

    [Benchmark]
    public void Write() => chain.WriteImage(new MemoryStore().CreateFolder("chain"), Sequence);

    [Benchmark]
    public long Read()
    {
        var cursor = new ImageCursor(chain.Lineage[2 - Sequence], long.MaxValue);
        long runs = 0;
        while (cursor.MoveNext())
        {
            runs++;
        }

        return runs;
    }
}
