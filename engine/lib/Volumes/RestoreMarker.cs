using System.Diagnostics;
using System.Text;
using Tidemark.Engine.Format;

namespace Tidemark.Engine.Volumes;

/// <summary>
/// The page that stands at the start of a target as long as a restore is under way (FORMAT.md, "An unfinished restore"):
/// nobody takes a half restored volume for a whole one, and the restore can be taken up again.
/// </summary>
/// <param name="Offset">Where what is restored begins in the image's volume, in bytes.</param>
/// <param name="Length">Its bytes.</param>
internal sealed record RestoreMarker(Guid ChainId, Guid ImageId, long Sequence, long Offset, long Length)
{
    /// <summary>Bytes of the page; a file system's superblock at 1024 and a disk's first sector, of either size, lie in it.</summary>
    public const int Size = 4096;

    private const ushort Version = 1;
    private const int TextAt = 128;
    private const int DigestAt = Size - ImageFormat.DigestSize;

    private static ReadOnlySpan<byte> Magic => "TMUNDONE"u8;

    private static ReadOnlySpan<byte> Text =>
        "\nAn unfinished restore by Tidemark. Nothing here is whole yet. Go on with:\ntidemark restore IMAGE TARGET --resume\n"u8;

    public void Write(Span<byte> page)
    {
        Debug.Assert(page.Length == Size && Encoding.UTF8.GetCharCount(Text) == Text.Length);
        page.Clear();
        Magic.CopyTo(page);
        Layout.U16(page, 8, Version);
        Layout.Guid(page, 16, ChainId);
        Layout.Guid(page, 32, ImageId);
        Layout.I64(page, 48, Sequence);
        Layout.I64(page, 56, Offset);
        Layout.I64(page, 64, Length);
        Text.CopyTo(page[TextAt..]);
        Layout.U128(page, DigestAt, Layout.Digest(page[..DigestAt]));
    }

    /// <summary>Null where a volume doesn't begin with a whole marker of a known version.</summary>
    public static RestoreMarker? TryRead(VolumeView volume)
    {
        Span<byte> page = stackalloc byte[Size];
        return volume.TryRead(0, page) ? TryRead(page) : null;
    }

    public static RestoreMarker? TryRead(ReadOnlySpan<byte> page) =>
        page.Length == Size && page.StartsWith(Magic) && Layout.U128(page, DigestAt) == Layout.Digest(page[..DigestAt])
        && Layout.U16(page, 8) == Version
            ? new RestoreMarker(
                Layout.Guid(page, 16), Layout.Guid(page, 32), Layout.I64(page, 48), Layout.I64(page, 56), Layout.I64(page, 64))
            : null;
}
