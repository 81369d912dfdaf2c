using System.Globalization;
using System.Text;

namespace Tidemark.Engine.Files;

/// <summary>Names of a folder as they are, where The Sleuth Kit's list has "^" for control characters.</summary>
internal sealed class SleuthNames
{
    /// <summary>As much of a folder as is looked through; larger ones keep the names of the list.</summary>
    private const int MostBytes = 64 << 20;

    /// <summary>Where the length of a name and the name begin in $FILE_NAME (layout.h of ntfs-3g).</summary>
    private const int NtfsLength = 0x40;
    private const int NtfsName = 0x42;

    private const string NtfsMark = " ($FILE_NAME)";

    private readonly Dictionary<(string Number, string Shown), Queue<string>> names = [];

    /// <summary>Reads the names that the list may have changed.</summary>
    public static SleuthNames Read(SleuthContent content, string type, string folder, IEnumerable<string> lines)
    {
        var names = new SleuthNames();
        if (type == "ext" && content.TryRead(folder.Length > 0 ? folder : "2", MostBytes, out _) is { } entries)
        {
            foreach (var (number, name) in ExtFolder.Names(entries).SelectMany(group => group.Select(name => (group.Key, name))))
            {
                names.Add(number, name);
            }
        }
        else if (type == "ntfs")
        {
            foreach (var address in lines.Where(line => line.Contains('^', StringComparison.Ordinal) && line.Contains(NtfsMark, StringComparison.Ordinal)).Select(line => line.Split('|')[^9]))
            {
                if (content.TryRead(address, 1 << 10, out _) is { Length: > NtfsName } bytes && NtfsName + (2 * bytes[NtfsLength]) <= bytes.Length)
                {
                    names.Add(SleuthLine.NumberOf(address), Encoding.Unicode.GetString(bytes, NtfsName, 2 * bytes[NtfsLength]));
                }
            }
        }

        return names;
    }

    /// <summary>The entry with its own name; with a problem where that isn't known.</summary>
    public FileEntry Of(FileEntry entry) =>
        names.TryGetValue((SleuthLine.NumberOf(entry.Handle), entry.Name), out var own) && own.TryDequeue(out var name)
            ? entry with { Name = name }
            : entry with
            {
                Problem = new EntryProblem(
                    string.Create(CultureInfo.InvariantCulture, $"{SleuthContent.Package} shows control characters as '^', so its name may be another. As root a driver reads it."), false),
            };

    private void Add(string number, string name)
    {
        var shown = Shown(name);
        if (!names.TryGetValue((number, shown), out var queue))
        {
            names.Add((number, shown), queue = new Queue<string>());
        }

        queue.Enqueue(name);
    }

    // Bytes below a blank, and DEL.
    private static string Shown(string name) => string.Concat(name.Select(c => c is < ' ' or '\x7F' ? '^' : c));
}
