namespace Tidemark.Fuzz.Seeds;

/// <summary>Writes inputs of <see cref="Inputs.SparseDevice"/>.</summary>
internal sealed class SparseWriter
{
    /// <summary>Zeros that are worth a piece of their own.</summary>
    private const int Gap = 16;

    private readonly List<byte> input = [];

    public SparseWriter(long length) => input.AddRange(BitConverter.GetBytes((uint)length));

    /// <summary>Adds what isn't zero in the bytes.</summary>
    public SparseWriter Add(long offset, ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            var start = bytes.IndexOfAnyExcept((byte)0);
            if (start < 0)
            {
                return this;
            }

            offset += start;
            bytes = bytes[start..];
            var end = 1;
            for (var i = 1; i < bytes.Length && i - end < Gap; i++)
            {
                end = bytes[i] == 0 ? end : i + 1;
            }

            input.AddRange(BitConverter.GetBytes((uint)offset));
            input.AddRange(BitConverter.GetBytes((ushort)end));
            input.AddRange(bytes[..end]);
            offset += end;
            bytes = bytes[end..];
        }
    }

    public byte[] ToArray() => [.. input];
}
