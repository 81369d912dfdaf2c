using System.Diagnostics;

namespace Tidemark.Engine.Stores;

/// <summary>The bytes of a file in memory. Readers may come from any thread; one thread writes.</summary>
internal sealed class MemoryContent
{
    private readonly Lock gate = new();
    private byte[] bytes = [];
    private int length;

    public long Length
    {
        get
        {
            lock (gate)
            {
                return length;
            }
        }
    }

    public void Append(ReadOnlySpan<byte> data)
    {
        lock (gate)
        {
            if (bytes.Length - length < data.Length)
            {
                Array.Resize(ref bytes, Math.Max(checked(length + data.Length), Math.Min(bytes.Length * 2, 1 << 30)));
            }

            data.CopyTo(bytes.AsSpan(length));
            length += data.Length;
        }
    }

    /// <summary>Reads what there is from <paramref name="offset"/>; returns how much.</summary>
    public int Read(long offset, Span<byte> buffer)
    {
        Debug.Assert(offset >= 0);
        lock (gate)
        {
            var count = (int)Math.Min(buffer.Length, Math.Max(0, length - offset));
            if (count > 0)
            {
                bytes.AsSpan((int)offset, count).CopyTo(buffer);
            }

            return count;
        }
    }

    /// <summary>Changes one byte.</summary>
    public void Flip(long offset, byte mask = 0xFF)
    {
        lock (gate)
        {
            Debug.Assert(offset >= 0 && offset < length);
            bytes[offset] ^= mask;
        }
    }

    /// <summary>Cuts the file off.</summary>
    public void Truncate(long newLength)
    {
        lock (gate)
        {
            Debug.Assert(newLength >= 0 && newLength <= length);
            length = (int)newLength;
        }
    }
}
