using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Tidemark.Engine.Io;

namespace Tidemark.Engine.Files;

/// <summary>
/// What NTFS keeps for a file or folder that something else than the file system stands behind ([MS-FSCC] 2.1.2, Reparse
/// Point Data Structures): a link, or content that only a part of Windows can bring.
/// </summary>
/// <param name="Tag">Whose it is ([MS-FSCC] 2.1.2.1).</param>
/// <param name="Data">What its owner keeps in it.</param>
internal sealed record ReparsePoint(uint Tag, byte[] Data)
{
    private const uint MountPoint = 0xA0000003;
    private const uint SymbolicLink = 0xA000000C;
    private const uint Compressed = 0x80000017;
    private const uint Deduplicated = 0x80000013;
    private const uint AppAlias = 0x8000001B;
    private const uint OldOneDrive = 0x80000021;
    private const uint WslLink = 0xA000001D;
    private const uint WslSocket = 0x80000023;
    private const uint WslFifo = 0x80000024;
    private const uint WslCharacterDevice = 0x80000025;
    private const uint WslBlockDevice = 0x80000026;

    /// <summary>Sixteen tags of the cloud files filter, which differ in these bits.</summary>
    private const uint Cloud = 0x9000001A;
    private const uint CloudBits = 0x0000F000;

    /// <summary>Set where it stands for another name: what is behind it is elsewhere (IsReparseTagNameSurrogate).</summary>
    private const uint NameSurrogate = 0x20000000;

    /// <summary>Set where it belongs to Microsoft; others keep a GUID behind the header (REPARSE_GUID_DATA_BUFFER).</summary>
    private const uint Microsoft = 0x80000000;

    /// <summary>Tag, length and a reserved field.</summary>
    private const int HeaderSize = 8;

    /// <summary>The bit of a symbolic link's flags that makes it relative (SYMLINK_FLAG_RELATIVE).</summary>
    private const uint RelativeFlag = 1;

    /// <summary>Whether it is a cloud's file or folder, which may be here as well.</summary>
    public bool IsCloud => (Tag & ~CloudBits) == Cloud || Tag == OldOneDrive;

    /// <summary>Whether it stands for another name, and nothing of it is in its place.</summary>
    public bool IsElsewhere => (Tag & NameSurrogate) != 0 && (Tag & Microsoft) != 0;

    /// <summary>What it is, as a predicate.</summary>
    public string What => Tag switch
    {
        MountPoint => $"a junction to '{LinkTarget(8, out _) ?? "?"}' on the imaged system",
        SymbolicLink => $"a link to '{LinkTarget(12, out _) ?? "?"}' on the imaged system",
        Compressed => "compressed by Windows (WOF)",
        Deduplicated => "deduplicated by Windows Server",
        AppAlias => "an alias of a Windows app (AppExecLink)",
        _ when IsCloud => "a cloud's (OneDrive and its kin)",
        _ => string.Create(CultureInfo.InvariantCulture, $"a reparse point of Windows of an unknown kind (tag 0x{Tag:X8})"),
    };

    /// <summary>Reads an attribute $REPARSE_POINT.</summary>
    /// <returns>Null where it is none.</returns>
    public static ReparsePoint? TryRead(ReadOnlySpan<byte> bytes) =>
        bytes.Length < HeaderSize ? null : new ReparsePoint(BinaryPrimitives.ReadUInt32LittleEndian(bytes), bytes[HeaderSize..].ToArray());

    /// <summary>What a file or folder that has it is for a copy.</summary>
    /// <param name="entry">The file or folder as it is without.</param>
    /// <param name="isHere">Tells of a file whether its content is in the volume.</param>
    public FileEntry Of(FileEntry entry, Func<bool> isHere)
    {
        switch (Tag)
        {
            case SymbolicLink when LinkTarget(12, out var relative) is { Length: > 0 } target && relative && Data.Length >= 12:
                return Link(entry, target.Replace('\\', '/'));
            case WslLink when Data.Length > 4 && !Data.AsSpan(4).Contains((byte)0):
                return Link(entry, RawName.Decode(Data.AsSpan(4)));
            case WslSocket:
                return entry with { Kind = FileKind.Socket };
            case WslFifo:
                return entry with { Kind = FileKind.Fifo };
            case WslCharacterDevice:
                return entry with { Kind = FileKind.CharacterDevice };
            case WslBlockDevice:
                return entry with { Kind = FileKind.BlockDevice };
        }

        if (IsElsewhere)
        {
            return Left(entry, $"It is {What}, which is no place here, and stayed out. What it leads to can be extracted by its own path.");
        }

        if (entry.Kind == FileKind.Folder)
        {
            return entry with { Problem = new EntryProblem($"The folder is {What}: what the volume holds of it came, without what ties it to that.", false) };
        }

        return IsCloud && isHere()
            ? entry with { Problem = new EntryProblem($"The file is {What}: its content was in the volume and came, without what ties it to that.", false) }
            : Left(entry, $"It is {What}: its content can't be read here, and it stayed out. Restore the volume and read it with Windows.");
    }

    private static FileEntry Link(FileEntry entry, string target) => entry with
    {
        Kind = FileKind.Link,
        Target = target,
        Size = RawName.Encode(target).Length,
        Identity = null,
    };

    private static FileEntry Left(FileEntry entry, string message) =>
        entry with { Kind = FileKind.Other, Identity = null, Problem = new EntryProblem(message, false) };

    // Offset and length of the substitute name, then of the name to show, in bytes from where the names begin.
    private string? LinkTarget(int names, out bool relative)
    {
        relative = false;
        if (Data.Length < names)
        {
            return null;
        }

        relative = names > 8 && (BinaryPrimitives.ReadUInt32LittleEndian(Data.AsSpan(8)) & RelativeFlag) != 0;
        var shown = NameAt(4);
        var name = relative || string.IsNullOrEmpty(shown) ? NameAt(0) : shown;
        return name?.Contains('\0', StringComparison.Ordinal) == false ? name : null;

        string? NameAt(int field)
        {
            var at = names + BinaryPrimitives.ReadUInt16LittleEndian(Data.AsSpan(field));
            var length = BinaryPrimitives.ReadUInt16LittleEndian(Data.AsSpan(field + 2));
            return at + length <= Data.Length ? Encoding.Unicode.GetString(Data, at, length) : null;
        }
    }
}
