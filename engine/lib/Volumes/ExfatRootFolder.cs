namespace Tidemark.Engine.Volumes;

/// <summary>The volume label entry of an exFAT root folder (Microsoft exFAT specification, section 7.3).</summary>
internal static class ExfatRootFolder
{
    private const int EntrySize = 32;
    private const byte LabelType = 0x83;
    private const int MaxLabelCharacters = 11;

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
            if (folder[0] == LabelType && folder[1] <= MaxLabelCharacters)
            {
                return DiskText.Utf16(folder.Slice(2, folder[1] * 2));
            }
        }

        return null;
    }
}
