using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace Tidemark.Engine.Booting;

/// <summary>
/// A guest's screen as QEMU dumps it (portable pixmap, "P6", see ppm(5)), written as PNG (W3C PNG specification, second
/// edition): 8-bit RGB, no filter, one IDAT.
/// </summary>
internal static class Screenshot
{
    /// <summary>Larger than any display adapter's; a dump that claims more is refused.</summary>
    private const int MaxSide = 16384;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <returns>False where the dump is no pixmap of three bytes a pixel.</returns>
    public static bool TryWritePng(ReadOnlySpan<byte> pixmap, Stream png)
    {
        var at = 0;
        if (Word(pixmap, ref at) != "P6" || Number(pixmap, ref at) is not { } width || Number(pixmap, ref at) is not { } height
            || Number(pixmap, ref at) != 255 || pixmap.Length - at < 3L * width * height)
        {
            return false;
        }

        png.Write(Signature);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        // Depth 8, colour type 2 (RGB); compression, filter and interlace have their only or plainest value.
        header[8] = 8;
        header[9] = 2;
        header[10..].Clear();
        WriteChunk(png, "IHDR"u8, header);

        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            for (var y = 0; y < height; y++)
            {
                zlib.WriteByte(0);
                zlib.Write(pixmap.Slice(at + (3 * width * y), 3 * width));
            }
        }

        WriteChunk(png, "IDAT"u8, packed.ToArray());
        WriteChunk(png, "IEND"u8, []);
        return true;
    }

    private static void WriteChunk(Stream png, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        png.Write(number);
        png.Write(type);
        png.Write(content);
        var sum = new Crc32();
        sum.Append(type);
        sum.Append(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, sum.GetCurrentHashAsUInt32());
        png.Write(number);
    }

    // Words of the header stand between white space; exactly one ends the last.
    private static string Word(ReadOnlySpan<byte> pixmap, ref int at)
    {
        while (at < pixmap.Length && char.IsWhiteSpace((char)pixmap[at]))
        {
            at++;
        }

        var begin = at;
        while (at < pixmap.Length && !char.IsWhiteSpace((char)pixmap[at]))
        {
            at++;
        }

        var word = Encoding.ASCII.GetString(pixmap[begin..at]);
        at = Math.Min(at + 1, pixmap.Length);
        return word;
    }

    private static int? Number(ReadOnlySpan<byte> pixmap, ref int at) =>
        int.TryParse(Word(pixmap, ref at), out var number) && number is > 0 and <= MaxSide ? number : null;
}
