using Tidemark.Engine.Format;
using Tidemark.Engine.Stores;

namespace Tidemark.Engine.Images;

/// <summary>A piece of an image's file as it should be: which part, where in it, and where in the repair file it stands.</summary>
internal readonly record struct RepairPiece(int Part, long Offset, int Length, long Source, UInt128 Digest)
{
    public const int Size = 48;

    public long End => Offset + Length;

    public void Write(Span<byte> bytes)
    {
        bytes[..Size].Clear();
        Layout.U32(bytes, 0, (uint)Part);
        Layout.U32(bytes, 4, (uint)Length);
        Layout.I64(bytes, 8, Offset);
        Layout.I64(bytes, 16, Source);
        Layout.U128(bytes, 32, Digest);
    }

    public static RepairPiece Read(ReadOnlySpan<byte> bytes) => new(
        (int)Math.Min(Layout.U32(bytes, 0), int.MaxValue), Layout.I64(bytes, 8), (int)Math.Min(Layout.U32(bytes, 4), int.MaxValue),
        Layout.I64(bytes, 16), Layout.U128(bytes, 32));
}

/// <summary>
/// A repair file (FORMAT.md, "Repair files"): what the damaged pieces of one image's files should be. It stands beside the
/// image, which stays as it is; a reader takes these pieces in the place of the image's own.
/// </summary>
internal sealed class RepairFile
{
    public const int TrailerSize = 80;

    /// <summary>Bytes of a piece at most: a reader copies no more than what it is asked for.</summary>
    public const int MaxPiece = 64 << 10;

    /// <summary>Pieces at most; at 48 bytes each a reader holds 48 MiB, which is the index of a volume of 16 TiB.</summary>
    public const int MaxPieces = 1 << 20;

    public static ReadOnlySpan<byte> TrailerMagic => "TIDEMEND"u8;

    private readonly RepairPiece[] pieces;

    private RepairFile(string fileName, Guid imageId, long[] lengths, RepairPiece[] pieces)
    {
        FileName = fileName;
        ImageId = imageId;
        Lengths = lengths;
        this.pieces = pieces;
    }

    /// <summary>Its name in the chain's folder.</summary>
    public string FileName { get; }

    public Guid ImageId { get; }

    /// <summary>Bytes that each part of the image has.</summary>
    public IReadOnlyList<long> Lengths { get; }

    /// <summary>By part and offset; they don't overlap.</summary>
    public IReadOnlyList<RepairPiece> Pieces => pieces;

    /// <summary>Writes what follows the pieces: lengths, table, trailer.</summary>
    public static void WriteEnd(StoreWriter writer, Guid imageId, IReadOnlyList<long> lengths, IReadOnlyList<RepairPiece> pieces)
    {
        var table = new byte[(lengths.Count * sizeof(long)) + (pieces.Count * RepairPiece.Size)];
        for (var i = 0; i < lengths.Count; i++)
        {
            Layout.I64(table, i * sizeof(long), lengths[i]);
        }

        for (var i = 0; i < pieces.Count; i++)
        {
            pieces[i].Write(table.AsSpan((lengths.Count * sizeof(long)) + (i * RepairPiece.Size)));
        }

        var at = writer.Position;
        writer.Append(table);
        Span<byte> trailer = stackalloc byte[TrailerSize];
        trailer.Clear();
        TrailerMagic.CopyTo(trailer);
        Layout.I64(trailer, 8, at);
        Layout.U32(trailer, 16, (uint)pieces.Count);
        Layout.U32(trailer, 20, (uint)lengths.Count);
        Layout.Guid(trailer, 24, imageId);
        Layout.U128(trailer, 40, Layout.Digest(table));
        Layout.U128(trailer, 64, Layout.Digest(trailer[..64]));
        writer.Append(trailer);
    }

    /// <summary>Reads a repair file's table.</summary>
    /// <exception cref="TidemarkException">It is damaged: <see cref="TidemarkError.Damaged"/>.</exception>
    public static RepairFile Read(StoreFolder folder, string name)
    {
        using var file = folder.OpenRead(name);
        return Read(file, name);
    }

    /// <summary>Reads the table of an open repair file.</summary>
    /// <exception cref="TidemarkException">It is damaged: <see cref="TidemarkError.Damaged"/>.</exception>
    public static RepairFile Read(StoreFile file, string name)
    {
        Span<byte> trailer = stackalloc byte[TrailerSize];
        if (file.Length < TrailerSize)
        {
            throw Refuse(file, "it is cut off");
        }

        file.ReadAt(file.Length - TrailerSize, trailer);
        var at = Layout.I64(trailer, 8);
        var count = Layout.U32(trailer, 16);
        var parts = Layout.U32(trailer, 20);
        if (!trailer.StartsWith(TrailerMagic) || Layout.Digest(trailer[..64]) != Layout.U128(trailer, 64)
            || count > MaxPieces || parts is 0 or > ImageFormat.MaxParts || at < 0
            || at != file.Length - TrailerSize - ((long)count * RepairPiece.Size) - (parts * sizeof(long)))
        {
            throw Refuse(file, "its end isn't that of a repair file");
        }

        var table = new byte[file.Length - TrailerSize - at];
        file.ReadAt(at, table);
        if (Layout.Digest(table) != Layout.U128(trailer, 40))
        {
            throw Refuse(file, "its table's checksum is wrong");
        }

        var lengths = new long[parts];
        for (var i = 0; i < lengths.Length; i++)
        {
            lengths[i] = Layout.I64(table, i * sizeof(long));
        }

        var pieces = new RepairPiece[count];
        for (var i = 0; i < pieces.Length; i++)
        {
            pieces[i] = RepairPiece.Read(table.AsSpan((lengths.Length * sizeof(long)) + (i * RepairPiece.Size)));
        }

        return IsSane(lengths, pieces, at)
            ? new RepairFile(name, Layout.Guid(trailer, 24), lengths, pieces)
            : throw Refuse(file, "its table holds a value out of its bounds");
    }

    /// <summary>The pieces of one part, by offset.</summary>
    public ReadOnlyMemory<RepairPiece> PiecesOf(int part)
    {
        var from = FirstFrom(part);
        return pieces.AsMemory(from, FirstFrom(part + 1) - from);
    }

    /// <summary>What is wrong with its content; null if every piece has its digest.</summary>
    public string? Check(StoreFolder folder, CancellationToken cancellation)
    {
        using var file = folder.OpenRead(FileName);
        var buffer = new byte[MaxPiece];
        foreach (var piece in Pieces)
        {
            cancellation.ThrowIfCancellationRequested();
            var bytes = buffer.AsSpan(0, piece.Length);
            file.ReadAt(piece.Source, bytes, cancellation);
            if (Layout.Digest(bytes) != piece.Digest)
            {
                return $"the piece at byte {piece.Source} has a wrong checksum";
            }
        }

        return null;
    }

    private int FirstFrom(int part)
    {
        var low = 0;
        var high = pieces.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (pieces[middle].Part < part)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private static bool IsSane(long[] lengths, RepairPiece[] pieces, long dataEnd)
    {
        var last = new RepairPiece(0, 0, 0, 0, default);
        foreach (var piece in pieces)
        {
            if (piece.Part >= lengths.Length || piece.Length is 0 or > MaxPiece || piece.Offset < 0 || piece.Source < 0
                || piece.Offset > lengths[piece.Part] - piece.Length || piece.Source > dataEnd - piece.Length
                || piece.Part < last.Part || (piece.Part == last.Part && piece.Offset < last.End))
            {
                return false;
            }

            last = piece;
        }

        // Added up they stay far from the end of the numbers that offsets are.
        var room = ImageFormat.MaxSourceBytes;
        foreach (var length in lengths)
        {
            if (length < ImageFormat.HeaderSize || length > room)
            {
                return false;
            }

            room -= length;
        }

        return true;
    }

    private static TidemarkException Refuse(StoreFile file, string problem) =>
        TidemarkException.Damaged($"{file.Name} can't be used: {problem}. Run repair again.");
}
