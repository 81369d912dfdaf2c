using System.Globalization;
using Tidemark.Engine.Io;

namespace Tidemark.Engine.Files;

/// <summary>A line of fls in the body format (wiki.sleuthkit.org, "Body file").</summary>
internal static class SleuthLine
{
    /// <summary>Fields behind the name.</summary>
    private const int FieldsBehindName = 9;

    /// <summary>Bytes of a link's target from which ext keeps it in a block, where fls doesn't look.</summary>
    public const int LongTarget = 60;

    /// <summary>A FAT volume's name is eleven characters, and so is exFAT's at most.</summary>
    private const int LabelLength = 11;

    // What a file system without permissions gets: 0755 and 0644.
    public const int PlainFolder = 0x1ED;
    private const int PlainFile = 0x1A4;

    private const string LabelMark = " (Volume Label Entry)";

    /// <summary>Numbers of files below it are NTFS's own (layout.h of ntfs-3g, FILE_first_user).</summary>
    private const int FirstUserFile = 16;

    /// <summary>The number of a file, without the attribute that NTFS has behind it.</summary>
    public static string NumberOf(string handle) => handle.Split('-')[0];

    // The others' letters are made up from attributes like "read-only", or allow everybody everything; so are their owners.
    private static bool HasModes(string type) => type == "ext";

    // What a file system keeps of itself in its root, and readers show as files.
    private static bool IsOfTheFileSystem(string type, string name, string[] fields) => type switch
    {
        "ntfs" => long.TryParse(NumberOf(fields[0]), CultureInfo.InvariantCulture, out var number) && number < FirstUserFile,
        "fat" => fields[4] == "0" && IsLabel(name),
        // These alone have no times at all.
        "exfat" => fields[5] == "0" && fields[6] == "0" && fields[8] == "0" && (name.StartsWith('$') || IsLabel(name)),
        _ => false,
    };

    private static bool IsLabel(string name) =>
        name.EndsWith(LabelMark, StringComparison.Ordinal) && name.Length <= LabelLength + LabelMark.Length;

    /// <summary>Reads a line of a list; null where it isn't an entry of its folder.</summary>
    /// <param name="line">MD5|/name|inode|mode|UID|GID|size|atime|mtime|ctime|crtime, where the name may hold bars itself.</param>
    /// <param name="type">What the file system is to the tools.</param>
    /// <param name="inRoot">Whether the folder is the root.</param>
    public static FileEntry? Parse(string line, string type, bool inRoot)
    {
        var fields = line.Split('|');
        if (fields.Length < FieldsBehindName + 2)
        {
            return null;
        }

        var tail = fields[^FieldsBehindName..];
        var name = string.Join('|', fields[1..^FieldsBehindName]).TrimStart('/');
        var mode = tail[1];
        // The real kind stands before the slash, as the folder has it, and behind it as the inode does.
        if (mode.Length < 12 || KindOf(mode[2]) is not { } kind || name is "." or ".." || IsPartOfAnother(type, name, tail[0])
            || (inRoot && IsOfTheFileSystem(type, name, tail))
            || !long.TryParse(tail[4], CultureInfo.InvariantCulture, out var size))
        {
            return null;
        }

        // A forged file system has sizes beyond all files, which are printed as negative numbers.
        size = Math.Max(0, size);
        string? target = null;
        if (kind == FileKind.Link)
        {
            (name, target) = size >= LongTarget ? (name, "") : Divide(name, size);
        }

        // How many names a file has isn't said, but all of them have its inode.
        return new FileEntry(
            name, tail[0], kind, size, HasModes(type) ? Permissions(mode.AsSpan(3)) : kind == FileKind.Folder ? PlainFolder : PlainFile, HasModes(type) ? Number(tail[2]) : 0, HasModes(type) ? Number(tail[3]) : 0, Time(tail[6]), Time(tail[5]),
            kind == FileKind.File && type is "ext" or "ntfs" ? tail[0] : null, target);
    }

    // NTFS shows names as attributes of type 48, and streams beside the content as "name:stream".
    private static bool IsPartOfAnother(string type, string name, string inode) =>
        type == "ntfs" && (name.Contains(':', StringComparison.Ordinal) || inode.Split('-') is [_, "48", ..]);

    // "name -> target", of which the target's bytes are known.
    private static (string Name, string Target) Divide(string text, long size)
    {
        const string Arrow = " -> ";
        var bytes = RawName.Encode(text);
        var end = bytes.Length - size - Arrow.Length;
        return end > 0 && bytes.AsSpan((int)end).StartsWith(" -> "u8)
            ? (RawName.Decode(bytes.AsSpan(0, (int)end)), RawName.Decode(bytes.AsSpan((int)(bytes.Length - size))))
            : (text, "");
    }

    private static FileKind? KindOf(char letter) => letter switch
    {
        'r' => FileKind.File,
        'd' => FileKind.Folder,
        'l' => FileKind.Link,
        'p' => FileKind.Fifo,
        's' => FileKind.Socket,
        'b' => FileKind.BlockDevice,
        'c' => FileKind.CharacterDevice,
        _ => null,
    };

    // "rwsr-xr-t"
    private static int Permissions(ReadOnlySpan<char> text)
    {
        var mode = 0;
        for (var i = 0; i < 9; i++)
        {
            var letter = text[i];
            // Small letters have the right of the place; s and t have the special bit of their three as well.
            mode |= letter is 'r' or 'w' or 'x' or 's' or 't' ? 0x100 >> i : 0;
            mode |= letter is 's' or 'S' or 't' or 'T' ? 0x800 >> (i / 3) : 0;
        }

        return mode;
    }

    private static uint Number(string text) => uint.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static FileTime Time(string text) => new(long.TryParse(text, CultureInfo.InvariantCulture, out var seconds) ? seconds : 0, 0);
}
