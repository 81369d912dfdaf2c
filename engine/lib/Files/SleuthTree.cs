using System.Globalization;
using System.Text;
using Tidemark.Engine.Programs;

namespace Tidemark.Engine.Files;

/// <summary>
/// A file system read by The Sleuth Kit's fls and icat, from a file and without root. It takes the file system as it
/// stands, without replaying a journal, and knows times to the second.
/// </summary>
internal sealed class SleuthTree : FileTree
{
    private const string Package = "sleuthkit";

    /// <summary>The sector in which fls and icat count offsets.</summary>
    private const int Sector = 512;

    /// <summary>Fields behind the name in the body format (wiki.sleuthkit.org, "Body file").</summary>
    private const int FieldsBehindName = 9;

    // What a file system without permissions gets: 0755 and 0644.
    private const int PlainFolder = 0x1ED;
    private const int PlainFile = 0x1A4;

    private static readonly SystemProgram Lister = new("fls", Package);
    private static readonly SystemProgram Reading = new("icat", Package);

    private readonly string file;
    private readonly string[] where;
    private readonly string type;
    private readonly ProgramWait wait;

    /// <param name="file">The image file.</param>
    /// <param name="offset">Where the file system begins in it, in bytes.</param>
    /// <param name="type">What it is, as <see cref="Volumes.VolumeContent.Type"/> says.</param>
    /// <param name="wait">How the tools are waited for.</param>
    public SleuthTree(string file, long offset, string type, ProgramWait wait)
    {
        this.file = file;
        this.wait = wait;
        this.type = FamilyOf(type) ?? throw new ArgumentException(type, nameof(type));
        where = ["-i", "raw", "-f", this.type, "-o", (offset / Sector).ToString(CultureInfo.InvariantCulture)];
    }

    public override FileEntry Root { get; } = new("", "", FileKind.Folder, 0, PlainFolder, 0, 0, default, default);

    public override string Reader => Package;

    /// <summary>Whether it can be read here.</summary>
    /// <param name="type">The file system.</param>
    /// <param name="problem">Why not.</param>
    public static bool CanRead(string type, out string problem)
    {
        problem = FamilyOf(type) is null ? $"{type} is read without root by nothing here"
            : Lister.Exists && Reading.Exists ? ""
            : $"{type} is read without a driver by {Package}, which isn't installed: install the package {Package}";
        return problem.Length == 0;
    }

    public override IEnumerable<FileEntry> List(FileEntry folder, CancellationToken cancellation)
    {
        // Entries that were deleted stay out; the name of the place before each is left empty.
        string[] arguments = ["-u", "-m", "", .. where, file];
        var result = Lister.Run(folder.Handle.Length > 0 ? [.. arguments, folder.Handle] : arguments, wait);
        if (result.ExitCode != 0)
        {
            throw TidemarkException.Damaged($"The folder {folder.Name} can't be listed: {result.Complaint}.");
        }

        foreach (var line in result.Output.Split('\n'))
        {
            if (Parse(line, type) is { } entry && (folder.Handle.Length > 0 || !IsOfTheFileSystem(entry.Name)))
            {
                yield return entry;
            }
        }
    }

    public override void Read(FileEntry file, Stream target, CancellationToken cancellation)
    {
        using var process = Reading.Start([.. where, this.file, file.Handle]);
        try
        {
            process.StandardInput.Close();
            var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
            using (cancellation.Register(() => SystemProgram.Stop(process)))
            {
                process.StandardOutput.BaseStream.CopyTo(target);
            }

            process.WaitForExit();
            cancellation.ThrowIfCancellationRequested();
            if (process.ExitCode != 0)
            {
                throw TidemarkException.Damaged($"{file.Name} can't be read whole: {error.Result.Trim()}.");
            }
        }
        catch
        {
            SystemProgram.Stop(process);
            throw;
        }
    }

    // The others' letters are made up from attributes like "read-only", or allow everybody everything.
    private static bool HasModes(string type) => type == "ext";

    private static string? FamilyOf(string type) => type switch
    {
        "ext2" or "ext3" or "ext4" => "ext",
        "ntfs" or "exfat" => type,
        "fat12" or "fat16" or "fat32" => "fat",
        _ => null,
    };

    // NTFS keeps its own tables as files of the root.
    private bool IsOfTheFileSystem(string name) => type == "ntfs" && name.StartsWith('$');

    /// <summary>Reads a line of a list; null where it isn't an entry of its folder.</summary>
    /// <param name="line">MD5|/name|inode|mode|UID|GID|size|atime|mtime|ctime|crtime, where the name may hold bars itself.</param>
    /// <param name="type">What the file system is to the tools.</param>
    internal static FileEntry? Parse(string line, string type)
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
            || !long.TryParse(tail[4], CultureInfo.InvariantCulture, out var size))
        {
            return null;
        }

        // A forged file system has sizes beyond all files, which are printed as negative numbers.
        size = Math.Max(0, size);
        string? target = null;
        if (kind == FileKind.Link)
        {
            (name, target) = Divide(name, size);
        }

        // How many names a file has isn't said, but all of them have its inode.
        return new FileEntry(
            name, tail[0], kind, size, HasModes(type) ? Permissions(mode.AsSpan(3)) : kind == FileKind.Folder ? PlainFolder : PlainFile, Number(tail[2]), Number(tail[3]), Time(tail[6]), Time(tail[5]),
            kind == FileKind.File && type is "ext" or "ntfs" ? tail[0] : null, target);
    }

    // NTFS shows names as attributes of type 48, and streams beside the content as "name:stream".
    private static bool IsPartOfAnother(string type, string name, string inode) =>
        type == "ntfs" && (name.Contains(':', StringComparison.Ordinal) || inode.Split('-') is [_, "48", ..]);

    // "name -> target", of which the target's bytes are known.
    private static (string Name, string Target) Divide(string text, long size)
    {
        const string Arrow = " -> ";
        var bytes = Encoding.UTF8.GetBytes(text);
        var end = bytes.Length - size - Arrow.Length;
        return end > 0 && bytes.AsSpan((int)end).StartsWith(" -> "u8)
            ? (Encoding.UTF8.GetString(bytes.AsSpan(0, (int)end)), Encoding.UTF8.GetString(bytes.AsSpan((int)(bytes.Length - size))))
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
