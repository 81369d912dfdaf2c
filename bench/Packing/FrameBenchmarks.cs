using System.Globalization;
using BenchmarkDotNet.Attributes;
using Tidemark.Engine.Format;
using Tidemark.Engine.Packing;

namespace Tidemark.Bench.Packing;

/// <summary>
/// One frame of 128 KiB on one thread, by codec and level: packed (compressed, decoded, compared) and taken apart again.
/// Its content is this project's own code, read from the assembly, so it compresses as programs do.
/// </summary>
[MemoryDiagnoser]
public class FrameBenchmarks
{
    private const int BlockSize = 4096;

    private const int FrameBytes = ImageFormat.DefaultFrameBytes;

    private readonly byte[] plain = new byte[FrameBytes];
    private readonly byte[] packed = new byte[FrameEncoder.Room(FrameBytes)];
    private readonly byte[] decoded = new byte[FrameBytes];
    private readonly BlockRange[] ranges = [new(0, FrameBytes / BlockSize, BlockState.Data)];
    private FrameEncoder encoder = null!;
    private FrameDecoder decoder = null!;
    private int length;

    [ParamsSource(nameof(All))]
    public string Way { get; set; } = "";

    public static IEnumerable<string> All => ["none", "lz4 1", "lz4 9", "zstd 1", "zstd 2", "zstd 3", "zstd 6", "zstd 9", "zstd 19"];

    [GlobalSetup]
    public void Setup()
    {
        using (var code = File.OpenRead(typeof(FrameEncoder).Assembly.Location))
        {
            code.ReadAtLeast(plain, plain.Length, throwOnEndOfStream: false);
        }

        var parts = Way.Split(' ');
        var codec = Enum.Parse<Codec>(parts[0], ignoreCase: true);
        encoder = new FrameEncoder(codec, parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0, null, Guid.Empty, FrameBytes);
        decoder = new FrameDecoder();
        length = encoder.Encode(plain, ranges, 0, packed);
        Console.WriteLine($"// {Way}: {FrameBytes} bytes in {length}");
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        encoder.Dispose();
        decoder.Dispose();
    }

    [Benchmark]
    public int Pack() => encoder.Encode(plain, ranges, 0, packed);

    [Benchmark]
    public bool Unpack() => decoder.Decode(packed.AsSpan(0, length), Guid.Empty, BlockSize, null, decoded, out _) is null;
}
