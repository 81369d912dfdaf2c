using Tidemark.Engine.Images;
using Tidemark.Engine.Stores;

namespace Tidemark.Engine.Repairs;

/// <summary>
/// The files of a damaged image as one address space, whatever is missing of them: what can't be read comes as zeros.
/// </summary>
internal sealed class RawPayload : IDisposable
{
    /// <summary>What is read at a time where a large read failed: a page of any store's disk.</summary>
    private const int Careful = 4096;

    private readonly StoreFile?[] parts;
    private readonly long perPart;

    private RawPayload(StoreFile?[] parts, long partSize)
    {
        this.parts = parts;
        perPart = partSize == 0 ? long.MaxValue : partSize - ImageFormat.HeaderSize;
        var last = parts.Length - 1;
        Length = Math.Max(0, (parts[last]?.Length ?? 0) - ImageFormat.HeaderSize) + (last == 0 ? 0 : last * perPart);
    }

    /// <summary>Bytes of payload up to the end of the last part there is, footer included.</summary>
    public long Length { get; }

    /// <summary>Parts up to the last that is there.</summary>
    public int Parts => parts.Length;

    /// <param name="names">The files that are there, by part.</param>
    /// <param name="partSize">As the header says; 0 for an image in one file.</param>
    public static RawPayload Open(StoreFolder folder, IReadOnlyDictionary<int, string> names, long partSize)
    {
        var parts = new StoreFile?[partSize == 0 ? 1 : names.Keys.Max() + 1];
        foreach (var (part, name) in names)
        {
            if (part < parts.Length)
            {
                parts[part] = folder.OpenRead(name);
            }
        }

        return new RawPayload(parts, partSize);
    }

    public StoreFile? Part(int number) => number < parts.Length ? parts[number] : null;

    /// <summary>Fills the buffer; false if some of it couldn't be read and is zeros now.</summary>
    public bool Read(long offset, Span<byte> buffer)
    {
        var whole = true;
        while (!buffer.IsEmpty)
        {
            var (part, at) = Math.DivRem(offset, perPart);
            var count = (int)Math.Min(buffer.Length, perPart - at);
            whole &= ReadFile(part < parts.Length ? parts[part] : null, ImageFormat.HeaderSize + at, buffer[..count]);
            offset += count;
            buffer = buffer[count..];
        }

        return whole;
    }

    /// <summary>Reads what there is of a file, zeros for the rest; false if there was a rest.</summary>
    public static bool ReadFile(StoreFile? file, long offset, Span<byte> buffer)
    {
        var there = file is null ? 0 : (int)Math.Clamp(file.Length - offset, 0, buffer.Length);
        buffer[there..].Clear();
        var whole = there == buffer.Length;
        if (there == 0 || TryRead(file!, offset, buffer[..there]))
        {
            return whole;
        }

        for (var at = 0; at < there; at += Careful)
        {
            var piece = buffer.Slice(at, Math.Min(Careful, there - at));
            if (!TryRead(file!, offset + at, piece))
            {
                piece.Clear();
            }
        }

        return false;
    }

    public void Dispose()
    {
        foreach (var part in parts)
        {
            part?.Dispose();
        }
    }

    private static bool TryRead(StoreFile file, long offset, Span<byte> buffer)
    {
        try
        {
            file.ReadAt(offset, buffer);
            return true;
        }
        catch (TidemarkException e) when (e.Error == TidemarkError.Damaged)
        {
            return false;
        }
    }
}
