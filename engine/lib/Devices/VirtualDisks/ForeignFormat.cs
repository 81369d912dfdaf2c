namespace Tidemark.Engine.Devices.VirtualDisks;

/// <summary>
/// Recognises files that hold a disk, or anything, in a format of their own, by what stands at their start (and of some, end):
/// so that nobody takes one for a raw disk without a word. It proves nothing: a raw disk may begin so by chance, or because
/// somebody wants it to.
/// </summary>
internal static class ForeignFormat
{
    /// <summary>As far as any mark lies: that of a tar archive (POSIX.1-2017, pax, "ustar Interchange Format").</summary>
    private const int HeadSize = 512;

    /// <summary>The trailer of Apple's UDIF.</summary>
    private const int TrailerSize = 512;

    /// <summary>What is unpacked before it is imaged, and what a disk's tools convert.</summary>
    private static readonly (int Offset, byte[] Mark, string Name)[] Marks =
    [
        // Disks of hypervisors: qemu's block/*.c, VMware's Virtual Disk Format 5.0, VirtualBox's VDICore.h, libparallels.
        (0, [(byte)'Q', (byte)'F', (byte)'I', 0xFB], "qcow2 file"),
        (0, [.. "KDMV"u8], "VMDK"),
        (0, [.. "COWD"u8], "VMDK"),
        (0, [0xBE, 0xBA, 0xFE, 0xCA, 0, 0, 0, 0], "VMDK (SEsparse)"),
        (0x40, [0x7F, 0x10, 0xDA, 0xBE], "VDI"),
        (0, [.. "QED\0"u8], "QED file"),
        (0, [.. "WithoutFreeSpace"u8], "Parallels disk"),
        (0, [.. "WithouFreSpacExt"u8], "Parallels disk"),
        (0, [.. "Bochs Virtual HD Image"u8], "Bochs disk"),
        (0, [.. "VMA\0"u8], "Proxmox archive (VMA)"),
        (0, [.. "vhdxfile"u8], "VHDX"),
        (0, [.. "conectix"u8], "VHD"),

        // Images of other programs.
        (0, [.. "EVF\x09\x0D\x0A"u8, 0xFF, 0], "EnCase image (E01)"),
        (0, [.. "EVF2\x0D\x0A"u8, 0x81, 0], "EnCase image (Ex01)"),
        (0, [.. "LVF\x09\x0D\x0A"u8, 0xFF, 0], "EnCase image (L01)"),
        (0, [.. "AFF10\x0D\x0A\0"u8], "AFF image"),
        (0, [.. "MSWIM\0\0\0"u8], "Windows image (WIM)"),
        (0, [.. "partclone-image"u8], "partclone image"),
        (0, [.. "PaRtImAgE-VoLuMe"u8], "partimage image"),
        (0, [.. "\0ntfsclone-image"u8], "ntfsclone image"),
        (0, [.. "FsA0"u8], "FSArchiver archive"),
        (0, [0x3A, 0xFF, 0x26, 0xED], "Android sparse image"),
        (0, [.. "sprs"u8], "Apple sparse image"),

        // Packed: RFC 1952, the xz, zstd, lz4, bzip2 and 7z formats, APPNOTE.TXT of PKWARE, and tar.
        (0, [0x1F, 0x8B, 8], "gzip file"),
        (0, [0xFD, .. "7zXZ\0"u8], "xz file"),
        (0, [0x28, 0xB5, 0x2F, 0xFD], "zstd file"),
        (0, [4, 0x22, 0x4D, 0x18], "LZ4 file"),
        (0, [2, 0x21, 0x4C, 0x18], "LZ4 file"),
        (4, [0x31, 0x41, 0x59, 0x26, 0x53, 0x59], "bzip2 file"),
        (0, [.. "LZIP\x01"u8], "lzip file"),
        (0, [.. "PK\x03\x04"u8], "zip archive"),
        (0, [.. "PK\x05\x06"u8], "zip archive"),
        (0, [.. "PK\x07\x08"u8], "zip archive"),
        (0, [.. "7z"u8, 0xBC, 0xAF, 0x27, 0x1C], "7z archive"),
        (0, [.. "Rar!\x1A\x07"u8], "RAR archive"),
        (257, [.. "ustar"u8], "tar archive (OVA too)"),
    ];

    /// <summary>What the file seems to be, as "VMDK" or "gzip file"; null where nothing is recognised.</summary>
    public static string? NameOf(BlockDevice file)
    {
        Span<byte> head = stackalloc byte[HeadSize];
        head = head[..(int)Math.Min(HeadSize, file.Length)];
        VirtualDisk.ReadMark(file, 0, head);
        foreach (var (offset, mark, name) in Marks)
        {
            if (head.Length >= offset + mark.Length && head[offset..].StartsWith(mark) && (offset != 4 || head.StartsWith("BZh"u8)))
            {
                return name;
            }
        }

        if (IsZstdSkippable(head))
        {
            return "zstd file";
        }

        return IsDescriptor(head) ? "VMDK" : HasTrailer(file, "koly"u8) ? "Apple disk image (DMG)" : null;
    }

    /// <summary>Whether the file ends as a fixed VHD.</summary>
    public static bool HasVhdFooter(BlockDevice file) => HasTrailer(file, "conectix"u8);

    /// <summary>Whether a file of that name is expected to be in a format of its own; its name in words then.</summary>
    public static string? ByName(string path) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".QCOW2" or ".QCOW" => "qcow2",
        ".VHD" or ".AVHD" => "VHD",
        ".VHDX" or ".AVHDX" => "VHDX",
        ".VMDK" => "VMDK",
        ".VDI" => "VDI",
        ".QED" => "QED",
        ".HDS" => "Parallels",
        ".OVA" => "OVA",
        ".E01" or ".EX01" => "EnCase",
        ".DMG" => "Apple disk image",
        ".WIM" => "WIM",
        ".GZ" or ".XZ" or ".ZST" or ".ZIP" or ".BZ2" or ".LZ4" or ".7Z" => "packed",
        _ => null,
    };

    // A zstd file may begin with a frame to be skipped (RFC 8878, 3.1.2), as pzstd writes them.
    private static bool IsZstdSkippable(ReadOnlySpan<byte> head) =>
        head.Length > 12 && (head[0] & 0xF0) == 0x50 && head[1..].StartsWith((ReadOnlySpan<byte>)[0x2A, 0x4D, 0x18])
        && head[8..].StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]);

    /// <summary>The text that describes a VMDK of several files.</summary>
    private static bool IsDescriptor(ReadOnlySpan<byte> head)
    {
        var text = head.TrimStart(" \t\r\n\xEF\xBB\xBF"u8);
        return text.StartsWith("# Disk DescriptorFile"u8) || text.StartsWith("# disk DescriptorFile"u8)
            || (head.IndexOf("createType="u8) >= 0 && head.IndexOf("CID="u8) >= 0);
    }

    private static bool HasTrailer(BlockDevice file, ReadOnlySpan<byte> mark)
    {
        Span<byte> tail = stackalloc byte[TrailerSize];
        if (file.Length < TrailerSize)
        {
            return false;
        }

        VirtualDisk.ReadMark(file, file.Length - TrailerSize, tail);
        return tail.StartsWith(mark);
    }
}
