using BenchmarkDotNet.Attributes;
using Tidemark.Engine.Format;
using Tidemark.Engine.Packing;

namespace Tidemark.Bench.Packing;

/// <summary>
/// What zstd costs by implementation and level: 8 MiB of real files in frames of the usual size, on one thread.
/// </summary>
[MemoryDiagnoser]
[MinColumn]
public class ZstdBenchmarks
{
    private const int FrameCount = (8 << 20) / ImageFormat.DefaultFrameBytes;

    private readonly byte[][] plain = new byte[FrameCount][];
    private readonly byte[][] packed = new byte[FrameCount][];
    private readonly int[] lengths = new int[FrameCount];
    private readonly byte[] back = new byte[ImageFormat.DefaultFrameBytes];
    private ZstdCodec codec = null!;

    /// <summary>The library of zstd's authors, or managed code.</summary>
    [Params(true, false)]
    public bool Native { get; set; }

    [Params(1, 2, 3, 4, 5)]
    public int Level { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        codec = Native ? new NativeZstd(Level) : new ManagedZstd(Level);

        // The program's own libraries: they are there wherever this runs, and shrink about as a system's files do.
        var content = Directory.GetFiles(AppContext.BaseDirectory, "*.dll").Order().SelectMany(File.ReadAllBytes)
            .Take(FrameCount * ImageFormat.DefaultFrameBytes).ToArray();
        for (var i = 0; i < FrameCount; i++)
        {
            plain[i] = content.AsSpan(i * ImageFormat.DefaultFrameBytes, ImageFormat.DefaultFrameBytes).ToArray();
            packed[i] = new byte[ZstdCodec.Bound(ImageFormat.DefaultFrameBytes)];
        }

        Compress();
        Console.WriteLine($"// packed: {100.0 * lengths.Sum() / content.Length:F2} %");
    }

    [GlobalCleanup]
    public void Cleanup() => codec.Dispose();

    [Benchmark]
    public void Compress()
    {
        for (var i = 0; i < FrameCount; i++)
        {
            lengths[i] = codec.Compress(plain[i], packed[i], packed[i].Length);
        }
    }

    [Benchmark]
    public bool Decompress()
    {
        var all = true;
        for (var i = 0; i < FrameCount; i++)
        {
            all &= codec.TryDecompress(packed[i].AsSpan(0, lengths[i]), back);
        }

        return all;
    }
}
