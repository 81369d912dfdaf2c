using System.Globalization;
using System.Text;
using Tidemark.Engine.Io;
using Tidemark.Engine.Programs;

namespace Tidemark.Engine.Files;

/// <summary>
/// A file system read by The Sleuth Kit's fls and icat, from a file and without root. It takes the file system as it
/// stands, without replaying a journal, and knows times to the second.
/// </summary>
internal sealed class SleuthTree : FileTree
{
    /// <summary>More than any folder holds that exists: exFAT's bound on one is 256 MiB.</summary>
    private const int MostBytes = 256 << 20;

    /// <summary>Stands in a list for a control character, or for itself.</summary>
    private const char Substitute = '^';

    private readonly SleuthContent content;
    private readonly NtfsReparses? reparses;
    private readonly string type;

    /// <param name="file">The image file.</param>
    /// <param name="offset">Where the file system begins in it, in bytes.</param>
    /// <param name="type">What it is, as <see cref="Volumes.VolumeContent.Type"/> says.</param>
    /// <param name="wait">How the tools are waited for.</param>
    public SleuthTree(string file, long offset, string type, ProgramWait wait)
    {
        this.type = FamilyOf(type) ?? throw new ArgumentException(type, nameof(type));
        content = new SleuthContent(file, offset, this.type, wait);
        reparses = this.type == "ntfs" ? new NtfsReparses(content) : null;
    }

    public override FileEntry Root { get; } = new("", "", FileKind.Folder, 0, SleuthLine.PlainFolder, 0, 0, default, default);

    public override string Reader => SleuthContent.Package;

    /// <summary>Whether it can be read here.</summary>
    /// <param name="type">The file system.</param>
    /// <param name="problem">Why not.</param>
    public static bool CanRead(string type, out string problem)
    {
        problem = FamilyOf(type) is null ? $"{type} is read without root by nothing here"
            : SleuthContent.IsHere ? ""
            : $"{type} is read without a driver by {SleuthContent.Package}, which isn't installed: install the package {SleuthContent.Package}";
        return problem.Length == 0;
    }

    public override IEnumerable<FileEntry> List(FileEntry folder, CancellationToken cancellation)
    {
        // Entries that were deleted stay out; the name of the place before each is left empty.
        var result = content.List(["-u", "-m", ""], folder.Handle);
        if (result.ExitCode != 0)
        {
            throw SleuthContent.Failure(folder.Name.Length > 0 ? $"The folder {RawName.Visible(folder.Name)} can't be listed" : "The root folder can't be listed", result.Complaint);
        }

        var lines = result.Output.Split('\n').Select(line => RawName.Decode(Encoding.Latin1.GetBytes(line))).ToArray();
        var names = new Lazy<SleuthNames>(() => SleuthNames.Read(content, type, folder.Handle, lines));
        var offsets = type == "exfat" && content.TryRead(folder.Handle.Length > 0 ? folder.Handle : "2", MostBytes, out _) is { } entries
            ? ExfatFolder.Offsets(entries) : [];
        foreach (var line in lines)
        {
            if (SleuthLine.Parse(line, type, folder.Handle.Length == 0) is not { } entry)
            {
                continue;
            }

            cancellation.ThrowIfCancellationRequested();
            if (entry.Name.Contains(Substitute, StringComparison.Ordinal))
            {
                entry = names.Value.Of(entry);
            }

            if (offsets.TryGetValue(entry.Name, out var ahead))
            {
                entry = entry with { Modified = Before(entry.Modified, ahead.Modified), Accessed = Before(entry.Accessed, ahead.Accessed) };
            }

            yield return entry.Kind == FileKind.Link ? WithTarget(entry) : reparses?.Of(entry) ?? entry;
        }
    }

    public override void Read(FileEntry file, Stream target, CancellationToken cancellation) => content.Read(file, target, cancellation);

    private static FileTime Before(FileTime time, int seconds) => time with { Seconds = time.Seconds - seconds };

    // Long targets aren't in the list, and control characters are changed there.
    private FileEntry WithTarget(FileEntry link)
    {
        if (link.Target!.Length > 0 && !link.Target.Contains(Substitute, StringComparison.Ordinal))
        {
            return link;
        }

        // Of a target in the inode icat makes zeros.
        string? complaint = null;
        var bytes = link.Size < SleuthLine.LongTarget ? content.TryReadShortTarget(link) : content.TryRead(link.Handle, MaxTarget, out complaint);
        return bytes?.Length == link.Size && bytes.Length > 0 && !bytes.Contains((byte)0)
            ? link with { Target = RawName.Decode(bytes) }
            : link with
            {
                Kind = FileKind.Other,
                Target = null,
                Problem = new EntryProblem($"Where the link leads can't be read by {SleuthContent.Package} ({complaint ?? "it reads less than there is"}). As root a driver reads it.", false),
            };
    }

    private static string? FamilyOf(string type) => type switch
    {
        "ext2" or "ext3" or "ext4" => "ext",
        "ntfs" or "exfat" => type,
        "fat12" or "fat16" or "fat32" => "fat",
        _ => null,
    };
}
