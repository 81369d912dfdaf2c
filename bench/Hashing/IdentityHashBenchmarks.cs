using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;
using Blake3;
using Tidemark.Engine.Hashing;

namespace Tidemark.Bench.Hashing;

/// <summary>
/// What the identity hash of a chain costs: one call over 4 MiB of blocks, as a reader hands them over, on one thread.
/// The buffer stays in the second-level cache or near it, so this is the cost of the computation, not of memory.
/// </summary>
[MemoryDiagnoser]
[MinColumn]
public class IdentityHashBenchmarks
{
    /// <summary>Bytes of one call.</summary>
    private const int BufferSize = 4 << 20;

    private readonly byte[] data = new byte[BufferSize];
    private UInt128[] hashes = [];
    private BlockHasher xxh128 = null!;
    private BlockHasher scalar = null!;
    private BlockHasher vector128 = null!;
    private BlockHasher? avx2;
    private BlockHasher? avx512;
    private Hasher package = Hasher.New();

    [Params(4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20)]
    public int BlockSize { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        var key = new byte[BlockHasher.KeySize];
        random.NextBytes(key);
        random.NextBytes(data);
        hashes = new UInt128[BufferSize / BlockSize];
        xxh128 = BlockHasher.Create(HashAlgorithm.Xxh128, key);
        scalar = new Blake3Hasher(key, Blake3Rung.Scalar);
        vector128 = new Blake3Hasher(key, Blake3Rung.Vector128);
        avx2 = Blake3Rung.Avx2.IsSupported ? new Blake3Hasher(key, Blake3Rung.Avx2) : null;
        avx512 = Blake3Rung.Avx512.IsSupported ? new Blake3Hasher(key, Blake3Rung.Avx512) : null;
        package = Hasher.NewKeyed(key);

        // What is measured beside each other has to be the same work.
        Blake3Package();
        var its = hashes;
        hashes = new UInt128[its.Length];
        scalar.HashBlocks(data, BlockSize, hashes);
        if (!its.AsSpan().SequenceEqual(hashes))
        {
            throw new InvalidOperationException("The package and the engine have different hashes.");
        }
    }

    [GlobalCleanup]
    public void Cleanup() => package.Dispose();

    [Benchmark(Baseline = true)]
    public void Xxh128() => xxh128.HashBlocks(data, BlockSize, hashes);

    [Benchmark]
    public void Blake3Scalar() => scalar.HashBlocks(data, BlockSize, hashes);

    [Benchmark]
    public void Blake3Vector128() => vector128.HashBlocks(data, BlockSize, hashes);

    /// <summary>The package Blake3, on the widest instructions it finds: a block at a time, which is all that it offers.</summary>
    [Benchmark]
    public void Blake3Package()
    {
        Span<byte> hash = stackalloc byte[Unsafe.SizeOf<UInt128>()];
        for (var i = 0; i < hashes.Length; i++)
        {
            package.Reset();
            package.Update(data.AsSpan(i * BlockSize, BlockSize));
            package.Finalize(hash);
            hashes[i] = BinaryPrimitives.ReadUInt128LittleEndian(hash);
        }
    }

    /// <summary>Measures nothing on a processor without AVX2.</summary>
    [Benchmark]
    public void Blake3Avx2() => avx2?.HashBlocks(data, BlockSize, hashes);

    /// <summary>Measures nothing on a processor without AVX-512.</summary>
    [Benchmark]
    public void Blake3Avx512() => avx512?.HashBlocks(data, BlockSize, hashes);
}
