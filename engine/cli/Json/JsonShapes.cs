using Tidemark.Engine;
using Tidemark.Engine.Files;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Operations.Points;

namespace Tidemark.Cli.Json;

/// <summary>The words of the contract for the engine's own types.</summary>
internal static class JsonShapes
{
    public static string Name(ImageKind kind) => kind switch
    {
        ImageKind.Full => "full",
        ImageKind.Incremental => "incremental",
        ImageKind.Differential => "differential",
        _ => "unknown",
    };

    public static string Name(HashAlgorithm hash) => hash switch
    {
        HashAlgorithm.Xxh128 => "xxh128",
        HashAlgorithm.Blake3 => "blake3",
        _ => "unknown",
    };

    public static string Name(Codec codec) => codec switch
    {
        Codec.None => "none",
        Codec.Zstd => "zstd",
        Codec.Lz4 => "lz4",
        _ => "unknown",
    };

    public static string Name(FileKind kind) => kind switch
    {
        FileKind.File => "file",
        FileKind.Folder => "folder",
        FileKind.Link => "link",
        FileKind.Fifo => "fifo",
        FileKind.Socket => "socket",
        FileKind.BlockDevice => "blockDevice",
        FileKind.CharacterDevice => "characterDevice",
        FileKind.Other => "other",
        _ => "unknown",
    };

    /// <summary>Milliseconds are what a clock of a run is good for.</summary>
    public static double Seconds(double seconds) => Math.Round(seconds, 3);

    public static UsageObject[] Volumes(IEnumerable<VolumeUsage> volumes) => [.. volumes.Select(v => new UsageObject(v))];

    public static RangeObject[] Ranges(IEnumerable<ByteRange> ranges) => [.. ranges.Select(r => new RangeObject(r.Offset, r.Length))];
}

/// <summary>A range of a volume, in bytes.</summary>
internal sealed record RangeObject(long Offset, long Length);
