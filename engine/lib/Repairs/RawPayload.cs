using Tidemark.Engine.Format;
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

    /// <summary>
    /// Bytes that may be missing between parts, whatever is there: what isn't there is gone through all the same, a matter
    /// of seconds.
    /// </summary>
    private const long MaxMissing = 64L << 30;

    /// <summary>Where much is there, much may be missing: so many times as much.</summary>
    private const int MaxMissingTimes = 1024;

    private RawPayload(StoreFile?[] parts, long perPart, long length)
    {
        this.parts = parts;
        this.perPart = perPart;
        Length = length;
    }

    /// <summary>Bytes of payload up to the end of the last part there is, footer included.</summary>
    public long Length { get; }

    /// <summary>Parts up to the last that is there.</summary>
    public int Parts => parts.Length;

    /// <param name="names">The files that are there, by part.</param>
    /// <param name="partSize">As the header says; 0 for an image in one file.</param>
    /// <returns>Null where nearly all of it would be missing: then a number of a part, or the size of parts, isn't true.</returns>
    public static RawPayload? TryOpen(StoreFolder folder, IReadOnlyDictionary<int, string> names, long partSize)
    {
        var last = partSize == 0 ? 0 : names.Keys.Where(part => part < ImageFormat.MaxParts).DefaultIfEmpty(0).Max();
        var parts = new StoreFile?[last + 1];
        try
        {
            foreach (var (part, name) in names)
            {
                if (part < parts.Length)
                {
                    parts[part] = folder.OpenRead(name);
                }
            }

            var perPart = partSize == 0 ? long.MaxValue : partSize - ImageFormat.HeaderSize;
            var there = parts.Aggregate(Int128.Zero, (sum, part) => sum + (part?.Length ?? 0));
            var length = (Int128)Math.Max(0, (parts[last]?.Length ?? 0) - ImageFormat.HeaderSize) + (last == 0 ? 0 : last * (Int128)perPart);
            if (length - there <= Int128.Max(MaxMissing, MaxMissingTimes * there) && length <= ImageFormat.MaxSourceBytes)
            {
                return new RawPayload(parts, perPart, (long)length);
            }
        }
        catch
        {
            Close(parts);
            throw;
        }

        Close(parts);
        return null;
    }

    /// <summary>The next byte from an offset on of which a file has something; the end where there is none.</summary>
    public long NextThere(long offset)
    {
        while (offset < Length)
        {
            var (part, at) = Math.DivRem(offset, perPart);
            if (ImageFormat.HeaderSize + at < (parts[part]?.Length ?? 0))
            {
                return offset;
            }

            offset = part + 1 == parts.Length ? Length : (part + 1) * perPart;
        }

        return Length;
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

    public void Dispose() => Close(parts);

    private static void Close(StoreFile?[] parts)
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
