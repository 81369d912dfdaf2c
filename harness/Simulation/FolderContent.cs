namespace Tidemark.Harness.Simulation;

/// <summary>The names in a folder: what the system shows, and what would be there after a loss of power.</summary>
internal sealed class FolderContent(string name)
{
    private readonly List<Change> pending = [];
    private int temporaries;
    private Dictionary<string, FileContent> durable = [];

    public string Name { get; set; } = name;

    public Dictionary<string, FileContent> Files { get; private set; } = [];

    /// <summary>Who writes here, as all processes see it.</summary>
    public Tidemark.Engine.Stores.MemoryRegister Owner { get; } = new();

    /// <summary>Who holds the writer's lock.</summary>
    public SimulatedProcess? Holder { get; set; }

    /// <summary>A temporary name for a file; like all else here it is the same when a history repeats itself.</summary>
    public string NewTemporary(string file) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{file}.{++temporaries:x32}{Tidemark.Engine.Stores.TemporaryName.Extension}");

    public void Create(string file, FileContent content)
    {
        Files.Add(file, content);
        pending.Add(new Change(null, file, content));
    }

    public void Rename(string from, string to)
    {
        Files.Remove(from, out var content);
        Files.Add(to, content!);
        pending.Add(new Change(from, to, content!));
    }

    public void Delete(string file)
    {
        Files.Remove(file, out var content);
        pending.Add(new Change(file, null, content!));
    }

    public void Flush()
    {
        durable = new(Files);
        pending.Clear();
    }

    /// <summary>A copy of all files in another folder, durable at once.</summary>
    public FolderContent Copy(string name)
    {
        var copy = new FolderContent(name);
        foreach (var (file, content) in Files)
        {
            copy.Create(file, content.Copy());
        }

        copy.Flush();
        return copy;
    }

    /// <summary>
    /// Keeps any subset of the changes that weren't flushed; a change that builds on one that is lost is lost as well.
    /// </summary>
    public void LosePower(Random random)
    {
        var names = new Dictionary<string, FileContent>(durable);
        var lost = new HashSet<string>();
        var kept = random.Next(4) switch { 0 => 0, 1 => 100, _ => random.Next(101) };
        foreach (var change in pending)
        {
            var follows = (change.From is { } f && lost.Contains(f)) || (change.To is { } t && lost.Contains(t));
            if (follows || random.Next(100) >= kept)
            {
                lost.UnionWith(new[] { change.From, change.To }.OfType<string>());
                continue;
            }

            if (change.From is { } from)
            {
                names.Remove(from);
            }

            if (change.To is { } to)
            {
                names[to] = change.Content;
            }
        }

        Files = names;
        foreach (var content in names.OrderBy(n => n.Key, StringComparer.Ordinal).Select(n => n.Value))
        {
            content.Tear(random);
        }

        Flush();
        Holder = null;
    }

    private readonly record struct Change(string? From, string? To, FileContent Content);
}
