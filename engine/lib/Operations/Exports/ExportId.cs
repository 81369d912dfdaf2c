using System.Text;
using Tidemark.Engine.Hashing;

namespace Tidemark.Engine.Operations.Exports;

/// <summary>
/// What exported files are known by. Everything is derived from ids of the chain, so that the same image gives the same
/// file, and a file tells which image it was exported from.
/// </summary>
internal static class ExportId
{
    private const int GuidSize = 16;

    /// <summary>The content of an image, or of one of its partitions.</summary>
    public static Guid OfContent(Guid imageId, int? partition) => Derive("content", imageId, partition);

    /// <summary>Content with zeros in the place of damage: like nothing else, and no base for anything.</summary>
    public static Guid OfDamagedContent(Guid imageId, int? partition) => Derive("damaged content", imageId, partition);

    /// <summary>The disk, which stays the same from one image of the chain to the next.</summary>
    public static Guid OfDisk(Guid chainId, int? partition) => Derive("disk", chainId, partition);

    /// <summary>A GUID of version 8 (RFC 9562, section 5.8): the start of a BLAKE3.</summary>
    private static Guid Derive(string purpose, Guid id, int? partition)
    {
        var text = Encoding.UTF8.GetBytes($"tidemark export, {purpose}, {id:D}, {partition ?? 0}");
        Span<byte> hash = stackalloc byte[GuidSize];
        Blake3.Hash(text, hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash, bigEndian: true);
    }
}
