using System.Buffers.Binary;

namespace Tidemark.Fuzz.Inputs;

/// <summary>Takes an input apart; where it ends early there are zeros, so that every input means something.</summary>
internal ref struct InputReader(ReadOnlySpan<byte> input)
{
    private ReadOnlySpan<byte> rest = input;

    public readonly bool AtEnd => rest.IsEmpty;

    public byte Byte() => Take(1) is [var value] ? value : (byte)0;

    public ushort U16()
    {
        Span<byte> bytes = stackalloc byte[2];
        Take(2).CopyTo(bytes);
        return BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }

    public uint U32()
    {
        Span<byte> bytes = stackalloc byte[4];
        Take(4).CopyTo(bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    /// <summary>So many bytes, or what is left.</summary>
    public ReadOnlySpan<byte> Take(long count)
    {
        var taken = rest[..(int)Math.Min(count, rest.Length)];
        rest = rest[taken.Length..];
        return taken;
    }

    public ReadOnlySpan<byte> Rest() => Take(rest.Length);
}
