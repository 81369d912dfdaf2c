using System.Text.Json;
using Tidemark.Engine.Format;
using Tidemark.Engine.Keys;

namespace Tidemark.Engine.Repairs;

/// <summary>Finds the metadata of an image whose footer is lost: they stand right behind the index.</summary>
internal static class MetadataSearch
{
    /// <summary>Sealed metadata of an unknown length are tried at every length up to here: a list of bad sectors is rare.</summary>
    private const int MaxSealed = 32 << 10;

    /// <summary>The metadata as they are stored, and what they say; nothing if none are found.</summary>
    public static (FoundMetadata? Found, byte[] Stored) Find(RawPayload raw, long offset, ImageHeader header, ImageCipher? cipher)
    {
        var tail = new byte[Math.Clamp(raw.Length - offset, 0, ImageFormat.MaxMetadata)];
        raw.Read(offset, tail);
        if (header.Encrypted)
        {
            return FindSealed(tail, cipher!);
        }

        try
        {
            var reader = new Utf8JsonReader(tail);
            return reader.Read() && reader.TrySkip() && FoundMetadata.Of(tail.AsSpan(0, (int)reader.BytesConsumed)) is { } found
                ? (found, tail[..(int)reader.BytesConsumed])
                : (null, []);
        }
        catch (JsonException)
        {
            return (null, []);
        }
    }

    /// <summary>The metadata where a footer says that they are.</summary>
    public static (FoundMetadata? Found, byte[] Stored) At(RawPayload raw, ImageFooter? footer)
    {
        if (footer is null)
        {
            return (null, []);
        }

        var stored = new byte[footer.MetadataLength];
        var whole = raw.Read(footer.MetadataOffset, stored) && Layout.Digest(stored) == footer.MetadataDigest;
        return whole ? (new FoundMetadata(footer.Counts.UnreadableBytes), stored) : (null, []);
    }

    /// <summary>The metadata of an image whose footer survived, with a flipped bit turned back if there is one.</summary>
    public static byte[] Corrected(RawPayload raw, ImageFooter footer)
    {
        var stored = new byte[footer.MetadataLength];
        raw.Read(footer.MetadataOffset, stored);
        if (stored.Length <= MaxSealed && Layout.Digest(stored) != footer.MetadataDigest)
        {
            BitFix.TryFix(stored, 0, stored.Length, b => Layout.Digest(b) == footer.MetadataDigest);
        }

        return stored;
    }

    private static (FoundMetadata? Found, byte[] Stored) FindSealed(byte[] tail, ImageCipher cipher)
    {
        var plain = new byte[MaxSealed];
        for (var length = ImageCipher.TagSize + 2; length <= Math.Min(tail.Length, MaxSealed); length++)
        {
            var opened = plain.AsSpan(0, length - ImageCipher.TagSize);
            if (cipher.TryOpen(CipherSection.Metadata, 0, [], tail.AsSpan(0, length), opened) && FoundMetadata.Of(opened) is { } found)
            {
                return (found, tail[..length]);
            }
        }

        return (null, []);
    }
}

/// <summary>What metadata that were found tell of use to a footer.</summary>
internal sealed record FoundMetadata(long UnreadableBytes)
{
    public static FoundMetadata? Of(ReadOnlySpan<byte> plain)
    {
        if (ImageMetadata.TryParse(plain) is not { } metadata)
        {
            return null;
        }

        var sum = 0L;
        for (var i = 1; i < metadata.Unreadable.Count; i += 2)
        {
            sum += metadata.Unreadable[i];
        }

        return new FoundMetadata(sum);
    }
}
