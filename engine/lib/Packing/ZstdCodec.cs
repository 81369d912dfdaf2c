namespace Tidemark.Engine.Packing;

/// <summary>
/// Zstandard for whole frames, for one worker. The native library does it where it loads, managed code where it doesn't;
/// both write and read the same format.
/// </summary>
internal abstract class ZstdCodec : IDisposable
{
    /// <summary>
    /// The environment variable that forces an implementation: "managed" never loads the library, "native" fails where
    /// it doesn't load; anything else, or nothing, takes the library where it loads.
    /// </summary>
    public const string Switch = "TIDEMARK_ZSTD";

    private static readonly Lazy<string?> missing = new(() => Choose(Environment.GetEnvironmentVariable(Switch)));

    /// <summary>Why frames are compressed by the slower, managed code; null if they aren't.</summary>
    public static string? Note => missing.Value;

    /// <summary>Makes the best implementation there is.</summary>
    /// <param name="level">1 to 19; null for one that only decompresses.</param>
    public static ZstdCodec Create(int? level) => Note is null ? new NativeZstd(level) : new ManagedZstd(level);

    /// <summary>Bytes that compressing so many may write at most: ZSTD_COMPRESSBOUND of zstd.h.</summary>
    public static int Bound(int plainLength) =>
        plainLength + (plainLength >> 8) + (plainLength < 128 << 10 ? ((128 << 10) - plainLength) >> 11 : 0);

    /// <summary>
    /// Compresses into <paramref name="packed"/>, which has room for <see cref="Bound"/>. Returns the packed length, or 0
    /// if that would be more than <paramref name="most"/>.
    /// </summary>
    public abstract int Compress(ReadOnlySpan<byte> plain, Span<byte> packed, int most);

    /// <summary>False if the packed bytes don't decompress to exactly the length of <paramref name="plain"/>.</summary>
    public abstract bool TryDecompress(ReadOnlySpan<byte> packed, Span<byte> plain);

    public abstract void Dispose();

    /// <summary>What the switch says, and what loads: null for the native library, otherwise why not.</summary>
    internal static string? Choose(string? wanted)
    {
        if (wanted == "managed")
        {
            return $"{Switch} asks for zstd in managed code, which is slower";
        }

        var problem = NativeZstd.TryLoad();
        if (problem is not null && wanted == "native")
        {
            throw TidemarkException.Failed($"The native zstd library doesn't load: {problem} Unset {Switch} to do without it.");
        }

        return problem is null ? null : $"the native zstd library doesn't load, so zstd runs in managed code, which is slower: {problem}";
    }
}
