using System.Buffers.Binary;
using System.Text;

namespace Tidemark.Engine.Allocation.Fat;

/// <summary>
/// A long name (Microsoft FAT specification, section 7): pieces of thirteen characters in the entries before that of the short name,
/// the last piece first, each with the short name's checksum.
/// </summary>
internal sealed class FatLongName
{
    private const byte LastPiece = 0x40;
    private const int PieceUnits = 13;

    /// <summary>255 characters.</summary>
    private const int MostPieces = 20;

    private readonly char[] units = new char[MostPieces * PieceUnits];
    private int missing;
    private int length;
    private byte checksum;

    public void Clear() => (missing, length) = (0, 0);

    /// <summary>Takes the next piece in; one that doesn't continue what is there begins or ends it.</summary>
    public void Add(FatEntry piece)
    {
        var bytes = piece.Bytes;
        var number = bytes[0] & ~LastPiece;
        if ((bytes[0] & LastPiece) != 0)
        {
            Clear();
            if (number is >= 1 and <= MostPieces)
            {
                (missing, length, checksum) = (number, number * PieceUnits, bytes[13]);
            }
        }

        if (missing == 0 || number != missing || bytes[13] != checksum)
        {
            Clear();
            return;
        }

        missing--;
        var to = units.AsSpan(missing * PieceUnits);
        for (var i = 0; i < PieceUnits; i++)
        {
            // Five, six and two, around fields that older systems look at.
            var at = i < 5 ? 1 + (i * 2) : i < 11 ? 14 + ((i - 5) * 2) : 28 + ((i - 11) * 2);
            to[i] = (char)BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
        }
    }

    /// <summary>The name, if all its pieces stood before this entry; and begins anew.</summary>
    public string? Take(FatEntry entry)
    {
        var name = length > 0 && missing == 0 && checksum == Checksum(entry.Bytes[..11]) ? new string(units, 0, length) : null;
        Clear();
        return name?.IndexOf('\0', StringComparison.Ordinal) is >= 0 and var end ? name[..end] : name;
    }

    private static byte Checksum(ReadOnlySpan<byte> name)
    {
        byte sum = 0;
        foreach (var b in name)
        {
            sum = (byte)((sum << 7 | sum >> 1) + b);
        }

        return sum;
    }
}
