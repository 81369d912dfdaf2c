namespace Tidemark.Engine.Volumes;

/// <summary>The entry of a FAT root folder that holds the volume's label (Microsoft FAT specification, section 6).</summary>
internal static class FatRootFolder
{
    private const int EntrySize = 32;
    private const byte VolumeLabelAttribute = 0x08;
    private const byte DeletedMark = 0xE5;

    /// <summary>The label is among the first entries wherever a system wrote it; 64 KiB are two thousand.</summary>
    private const int MaxScan = 64 << 10;

    public static string? TryReadLabel(VolumeView volume, long offset, int length)
    {
        var folder = new byte[Math.Clamp(length, 0, MaxScan)];
        return volume.TryRead(offset, folder) ? TryRead(folder) : null;
    }

    public static string? TryRead(ReadOnlySpan<byte> folder)
    {
        for (; folder.Length >= EntrySize && folder[0] != 0; folder = folder[EntrySize..])
        {
            // Parts of long names have this attribute too, with three others.
            if (folder[0] != DeletedMark && (folder[11] & 0x3F) == VolumeLabelAttribute)
            {
                return Label(folder[..11]);
            }
        }

        return null;
    }

    /// <summary>Eleven bytes padded with blanks; what stands for "no label" is none.</summary>
    public static string? Label(ReadOnlySpan<byte> bytes) =>
        bytes.SequenceEqual("NO NAME    "u8) ? null : DiskText.Ascii(bytes);
}
