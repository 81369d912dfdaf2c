using System.Diagnostics;
using System.Globalization;
using System.Text;
using Tidemark.Engine.Io;
using Tidemark.Engine.Programs;

namespace Tidemark.Engine.Files;

/// <summary>Content of files and attributes, by The Sleuth Kit's tools; of ext also by debugfs, which knows more of it.</summary>
internal sealed class SleuthContent
{
    public const string Package = "sleuthkit";

    private const string ExtPackage = "e2fsprogs";

    /// <summary>The sector in which the tools count offsets.</summary>
    private const int Sector = 512;

    /// <summary>A link of NTFS as Interix and ntfs-3g make it: a system file with this and the target in UTF-16.</summary>
    private const int InterixHeader = 8;
    private const int MostInterix = InterixHeader + (2 * FileTree.MaxTarget);

    private static readonly SystemProgram Lister = new("fls", Package);
    private static readonly SystemProgram Reading = new("icat", Package);
    private static readonly SystemProgram Stating = new("istat", Package);
    private static readonly SystemProgram ExtReading = new("debugfs", ExtPackage);

    // What these tools say of structures that they don't know, or not in such a number or size (NTFS' clusters above 64 KiB).
    private static readonly string[] Limits = ["unsupported", "invalid cluster size", "not supported", "No filler entry", "fs_attr_add_run", "too large", "not implemented"];

    private readonly string file;
    private readonly string type;
    private readonly string[] where;
    private readonly string extDevice;
    private readonly ProgramWait wait;

    public SleuthContent(string file, long offset, string type, ProgramWait wait)
    {
        this.file = file;
        this.type = type;
        this.wait = wait;
        where = ["-i", "raw", "-f", type, "-o", (offset / Sector).ToString(CultureInfo.InvariantCulture)];
        extDevice = string.Create(CultureInfo.InvariantCulture, $"{file}?offset={offset}");
    }

    public static bool IsHere => Lister.Exists && Reading.Exists;

    /// <summary>Runs fls; its output is bytes, one a character.</summary>
    /// <param name="options">How it lists.</param>
    /// <param name="folder">The folder's number; empty for the root.</param>
    public ProgramResult List(string[] options, string folder) =>
        Lister.Run(folder.Length > 0 ? [.. options, .. where, file, folder] : [.. options, .. where, file], wait, Encoding.Latin1);

    /// <summary>What istat says of a file, runs of its attributes included.</summary>
    public ProgramResult Describe(string number) => Stating.Run(["-r", .. where, file, number], wait);

    /// <summary>The content of a file or attribute.</summary>
    /// <param name="address">Its number, with type and id of an attribute.</param>
    /// <param name="limit">Bytes; of more nothing is returned.</param>
    /// <param name="complaint">Why not.</param>
    /// <returns>Null where it can't be read.</returns>
    public byte[]? TryRead(string address, int limit, out string? complaint)
    {
        using var buffer = new MemoryStream();
        complaint = Copy(Reading, [.. where, file, address], buffer, limit, wait.Cancellation, out var count);
        complaint ??= count > limit ? "it is larger than such a thing can be" : null;
        return complaint is null ? buffer.ToArray() : null;
    }

    /// <summary>The target of a link that ext keeps in the inode, where icat doesn't look.</summary>
    /// <returns>Null where it can't be read.</returns>
    public byte[]? TryReadShortTarget(FileEntry link)
    {
        if (type != "ext" || !ExtReading.Exists)
        {
            return null;
        }

        const string Mark = "Fast link dest: \"";
        var text = ExtReading.Run(["-R", $"stat <{link.Handle}>", extDevice], wait, Encoding.Latin1).Output;
        var at = text.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length;
        // The target may hold anything, a quotation mark included.
        return at >= Mark.Length && link.Size < text.Length - at && text[at + (int)link.Size] == '"'
            ? Encoding.Latin1.GetBytes(text, at, (int)link.Size) : null;
    }

    /// <summary>Writes a file's content.</summary>
    /// <exception cref="TidemarkException">It can't be read whole; damaged where that isn't a limit of the tools.</exception>
    public void Read(FileEntry entry, Stream target, CancellationToken cancellation)
    {
        RefuseInterix(entry);
        var complaint = Copy(Reading, [.. where, file, entry.Handle], target, long.MaxValue, cancellation, out var count)
            ?? (count < entry.Size ? string.Create(CultureInfo.InvariantCulture, $"it gives {count} of {entry.Size} bytes") : null);
        if (complaint is null)
        {
            return;
        }

        var what = $"{RawName.Visible(entry.Name)} can't be read whole";
        if (type != "ext" || count > 0)
        {
            throw Failure(what, complaint);
        }

        if (!ExtReading.Exists)
        {
            throw TidemarkException.Failed($"{what} by {Package} ({complaint}), which doesn't know all of ext4. Install the package {ExtPackage}, or extract as root.");
        }

        complaint = Copy(ExtReading, ["-R", $"cat <{entry.Handle}>", extDevice], target, long.MaxValue, cancellation, out count)
            ?? (count != entry.Size ? string.Create(CultureInfo.InvariantCulture, $"debugfs gives {count} of {entry.Size} bytes") : null);
        if (complaint is not null)
        {
            throw TidemarkException.Damaged($"{what}: {complaint}.");
        }
    }

    /// <summary>What the tools can't do is theirs; else it is damage.</summary>
    public static TidemarkException Failure(string what, string complaint) =>
        Limits.Any(limit => complaint.Contains(limit, StringComparison.OrdinalIgnoreCase))
            ? TidemarkException.Failed($"{what} by {Package}, which doesn't know such a one ({complaint}). As root a driver reads it.")
            : TidemarkException.Damaged($"{what}: {complaint}.");

    /// <summary>Runs a program and takes its output.</summary>
    /// <returns>Null, or what it complains of.</returns>
    private static string? Copy(
        SystemProgram program, string[] arguments, Stream target, long limit, CancellationToken cancellation, out long count)
    {
        count = 0;
        using var process = program.Start(arguments);
        try
        {
            process.StandardInput.Close();
            var error = OwnThread.Read(process.StandardError);
            using (cancellation.Register(() => SystemProgram.Stop(process)))
            {
                var buffer = new byte[1 << 20];
                var output = process.StandardOutput.BaseStream;
                while (count <= limit && output.Read(buffer) is > 0 and var read)
                {
                    target.Write(buffer.AsSpan(0, read));
                    count += read;
                }
            }

            cancellation.ThrowIfCancellationRequested();
            if (count > limit)
            {
                SystemProgram.Stop(process);
                return null;
            }

            process.WaitForExit();
            return Complaint(program, process, error.Result);
        }
        catch
        {
            SystemProgram.Stop(process);
            throw;
        }
    }

    // debugfs ends with 0 whatever happens, and begins with its name.
    private static string? Complaint(SystemProgram program, Process process, string error)
    {
        var lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return program == ExtReading
            ? lines.FirstOrDefault(line => !line.StartsWith("debugfs ", StringComparison.Ordinal))
            : process.ExitCode != 0 ? lines.FirstOrDefault() ?? $"{program.Name} ended with {process.ExitCode}" : null;
    }

    private void RefuseInterix(FileEntry entry)
    {
        if (type == "ntfs" && entry.Size is > InterixHeader and <= MostInterix
            && TryRead(entry.Handle, MostInterix, out _) is { } bytes && bytes.AsSpan().StartsWith("IntxLNK\x01"u8)
            && Describe(SleuthLine.NumberOf(entry.Handle)).Output.Split('\n').Any(line => line.StartsWith("Flags:", StringComparison.Ordinal) && line.Contains("System", StringComparison.Ordinal)))
        {
            throw TidemarkException.Failed(
                $"{RawName.Visible(entry.Name)} is a link to '{Encoding.Unicode.GetString(bytes, InterixHeader, bytes.Length - InterixHeader)}', as ntfs-3g makes them, and {Package} doesn't know those. As root a driver reads it.");
        }
    }
}
