using System.Diagnostics;
using System.Runtime.InteropServices;
using static Tidemark.Engine.Hashing.Blake3Constants;

namespace Tidemark.Engine.Hashing;

/// <summary>
/// BLAKE3 over spans, in its three modes (paper, section 2.3). The output may have any length; 32 bytes are the default
/// and a shorter output is the beginning of a longer one. Nothing is taken from the heap.
/// </summary>
internal static class Blake3
{
    /// <summary>Bytes of a key and of a hash of default length.</summary>
    public const int KeySize = ValueSize;

    /// <summary>The mode hash.</summary>
    public static void Hash(ReadOnlySpan<byte> input, Span<byte> output) =>
        Hash(Blake3Rung.Best, input, output);

    /// <summary>The mode keyed_hash: a message authentication code or a pseudo-random function under 32 bytes of key.</summary>
    public static void KeyedHash(ReadOnlySpan<byte> key, ReadOnlySpan<byte> input, Span<byte> output) =>
        KeyedHash(Blake3Rung.Best, key, input, output);

    /// <summary>
    /// The mode derive_key. <paramref name="context"/> is the UTF-8 text of a constant that names the application and
    /// the use, never anything variable; <paramref name="material"/> may be a secret of any length but no password.
    /// </summary>
    public static void DeriveKey(ReadOnlySpan<byte> context, ReadOnlySpan<byte> material, Span<byte> output) =>
        DeriveKey(Blake3Rung.Best, context, material, output);

    /// <summary>The mode hash on a given rung.</summary>
    public static void Hash(Blake3Rung rung, ReadOnlySpan<byte> input, Span<byte> output) =>
        Blake3Tree.Hash(rung, InitialValue, 0, input, output);

    /// <summary>The mode keyed_hash on a given rung.</summary>
    public static void KeyedHash(Blake3Rung rung, ReadOnlySpan<byte> key, ReadOnlySpan<byte> input, Span<byte> output)
    {
        Debug.Assert(key.Length == KeySize);
        Span<uint> words = stackalloc uint[ValueWords];
        key.CopyTo(MemoryMarshal.AsBytes(words));
        Blake3Tree.Hash(rung, words, Blake3Constants.KeyedHash, input, output);
    }

    /// <summary>The mode derive_key on a given rung.</summary>
    public static void DeriveKey(Blake3Rung rung, ReadOnlySpan<byte> context, ReadOnlySpan<byte> material, Span<byte> output)
    {
        Span<uint> contextKey = stackalloc uint[ValueWords];
        Blake3Tree.Hash(rung, InitialValue, DeriveKeyContext, context, MemoryMarshal.AsBytes(contextKey));
        Blake3Tree.Hash(rung, contextKey, DeriveKeyMaterial, material, output);
    }
}
