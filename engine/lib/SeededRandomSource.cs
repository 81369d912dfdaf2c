using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Tidemark.Engine;

/// <summary>
/// A reproducible source for fixtures and simulations, never for a chain that somebody keeps: whoever knows the 64-bit seed
/// knows every key made from it. The stream is SHA-256(seed u64 LE | counter u64 LE) for counter 0, 1, 2 and so on; it may
/// not change, since checked-in images were made with it. Used by one thread at a time.
/// </summary>
internal sealed class SeededRandomSource(ulong seed) : RandomSource
{
    private readonly byte[] block = new byte[SHA256.HashSizeInBytes];
    private int used = SHA256.HashSizeInBytes;
    private ulong counter;

    public override void Fill(Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (used == block.Length)
            {
                NextBlock();
            }

            var count = Math.Min(bytes.Length, block.Length - used);
            block.AsSpan(used, count).CopyTo(bytes);
            used += count;
            bytes = bytes[count..];
        }
    }

    private void NextBlock()
    {
        Span<byte> input = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(input, seed);
        BinaryPrimitives.WriteUInt64LittleEndian(input[8..], counter);
        SHA256.HashData(input, block);
        counter++;
        used = 0;
    }
}
