using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;

namespace Tidemark.Engine.Format;

/// <summary>
/// The identity in an image header: a fixed area of 1024 bytes, covered by the header's checksum. Items follow each
/// other, each <c>kind u8, reserved u8 (0), length u16 LE, UTF-8 text</c>, kinds ascending; zeros fill the rest.
/// </summary>
internal static class SourceIdentityCodec
{
    public const int AreaSize = 1024;

    private const int ItemHeaderSize = 4;

    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    public static void Write(SourceIdentity identity, Span<byte> area)
    {
        Debug.Assert(area.Length == AreaSize);
        area.Clear();
        foreach (var item in identity.Items)
        {
            var length = Utf8.GetBytes(item.Value, area[ItemHeaderSize..]);
            area[0] = (byte)item.Kind;
            BinaryPrimitives.WriteUInt16LittleEndian(area[2..], (ushort)length);
            area = area[(ItemHeaderSize + length)..];
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote, strictly: there is one way to write an identity.</summary>
    /// <exception cref="TidemarkException">The area is anything else.</exception>
    public static SourceIdentity Read(ReadOnlySpan<byte> area)
    {
        Debug.Assert(area.Length == AreaSize);
        var items = new List<IdentityItem>(SourceIdentity.MaxItems);
        while (area.Length >= ItemHeaderSize && area[0] != 0)
        {
            var kind = area[0];
            var length = BinaryPrimitives.ReadUInt16LittleEndian(area[2..]);
            if (area[1] != 0
                || length is 0 or > IdentityItem.MaxValueBytes
                || length > area.Length - ItemHeaderSize
                || items.Count == SourceIdentity.MaxItems
                || (items.Count > 0 && kind <= (byte)items[^1].Kind))
            {
                throw Malformed();
            }

            string value;
            try
            {
                value = Utf8.GetString(area.Slice(ItemHeaderSize, length));
            }
            catch (DecoderFallbackException)
            {
                throw Malformed();
            }

            if (!IdentityItem.IsValidValue(value))
            {
                throw Malformed();
            }

            items.Add(new IdentityItem((IdentityKind)kind, value));
            area = area[(ItemHeaderSize + length)..];
        }

        return area.ContainsAnyExcept((byte)0) ? throw Malformed() : SourceIdentity.Of(items);
    }

    private static TidemarkException Malformed() =>
        TidemarkException.Damaged("The image header's source identity is malformed; verify the chain to see which images are whole.");
}
