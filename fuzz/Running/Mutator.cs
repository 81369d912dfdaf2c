using System.Buffers.Binary;

namespace Tidemark.Fuzz.Running;

/// <summary>Changes inputs at random: a few of the usual mutations at a time. The seed decides everything.</summary>
internal sealed class Mutator(int seed, IReadOnlyList<byte[]> corpus, IReadOnlyList<byte[]> words, int maxLength)
{
    /// <summary>Mutations of one input at most: more leave nothing of what it was.</summary>
    private const int MostChanges = 6;

    private static readonly long[] Interesting =
    [
        0, 1, -1, 2, 7, 8, 16, 64, 127, 128, 255, 256, 511, 512, 4095, 4096, 32767, 32768, 65535, 65536, 1 << 20,
        int.MaxValue, int.MinValue, uint.MaxValue, 1L << 32, 1L << 40, 1L << 61, 1L << 62, (1L << 62) + 1, long.MaxValue, long.MinValue,
    ];

    private readonly Random random = new(seed);
    private readonly byte[] buffer = new byte[maxLength];
    private int length;

    /// <summary>The next input; valid until the one after it.</summary>
    public ReadOnlySpan<byte> Next()
    {
        var origin = corpus.Count == 0 ? [] : corpus[random.Next(corpus.Count)];
        length = Math.Min(origin.Length, maxLength);
        origin.AsSpan(0, length).CopyTo(buffer);
        for (var i = random.Next(1, MostChanges + 1); i > 0; i--)
        {
            Change();
        }

        return buffer.AsSpan(0, length);
    }

    private void Change()
    {
        if (length == 0)
        {
            length = random.Next(Math.Min(maxLength, 600) + 1);
            random.NextBytes(buffer.AsSpan(0, length));
            return;
        }

        var at = random.Next(length);
        switch (random.Next(10))
        {
            case 0:
                buffer[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                buffer[at] = (byte)random.Next(256);
                break;
            case 2:
                buffer[at] = (byte)(buffer[at] + random.Next(-16, 17));
                break;
            case 3:
                WriteNumber(at, Interesting[random.Next(Interesting.Length)]);
                break;
            case 4:
                random.NextBytes(Piece(at));
                break;
            case 5:
                Piece(at).Clear();
                break;
            case 6:
                CopyWithin(at);
                break;
            case 7:
                InsertOrRemove(at);
                break;
            case 8:
                PlaceWord(at);
                break;
            default:
                Splice(at);
                break;
        }
    }

    private Span<byte> Piece(int at) => buffer.AsSpan(at, random.Next(1, Math.Min(32, length - at) + 1));

    private void WriteNumber(int at, long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        if (random.Next(3) == 0)
        {
            BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        }
        else
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        }

        // Fields are aligned as a rule.
        var width = 1 << random.Next(4);
        at = random.Next(2) == 0 ? at & -width : at;
        bytes[..Math.Min(width, length - at)].CopyTo(buffer.AsSpan(at));
    }

    private void PlaceWord(int at)
    {
        var word = words[random.Next(words.Count)];
        if (random.Next(2) == 0 && length + word.Length <= maxLength)
        {
            buffer.AsSpan(at, length - at).CopyTo(buffer.AsSpan(at + word.Length));
            length += word.Length;
        }

        word.AsSpan(0, Math.Min(word.Length, length - at)).CopyTo(buffer.AsSpan(at));
    }

    private void CopyWithin(int at)
    {
        var from = random.Next(length);
        var count = random.Next(1, Math.Min(256, length - Math.Max(at, from)) + 1);
        buffer.AsSpan(from, count).CopyTo(buffer.AsSpan(at));
    }

    private void InsertOrRemove(int at)
    {
        if (random.Next(8) == 0)
        {
            length = at;
            return;
        }

        var count = random.Next(1, 33);
        if (random.Next(2) == 0 && length + count <= maxLength)
        {
            buffer.AsSpan(at, length - at).CopyTo(buffer.AsSpan(at + count));
            random.NextBytes(buffer.AsSpan(at, count));
            length += count;
        }
        else if (at + count <= length)
        {
            buffer.AsSpan(at + count, length - at - count).CopyTo(buffer.AsSpan(at));
            length -= count;
        }
    }

    private void Splice(int at)
    {
        var other = corpus.Count == 0 ? [] : corpus[random.Next(corpus.Count)];
        if (at < other.Length)
        {
            length = Math.Min(other.Length, maxLength);
            other.AsSpan(at, length - Math.Min(at, length)).CopyTo(buffer.AsSpan(at));
        }
    }
}
