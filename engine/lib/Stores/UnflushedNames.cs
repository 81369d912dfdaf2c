namespace Tidemark.Engine.Stores;

/// <summary>
/// Which names of a folder a loss of power may still take, and so when the folder is flushed: before a file gets its name
/// whatever else was begun or named is made durable, since that must not be gone while this one is there.
/// </summary>
internal sealed class UnflushedNames
{
    private readonly Lock gate = new();
    private readonly HashSet<string> names = new(StringComparer.Ordinal);

    /// <summary>A file was made under its temporary name.</summary>
    public void Begin(string temporary)
    {
        lock (gate)
        {
            names.Add(temporary);
        }
    }

    /// <summary>Whether others stand before a file that is to be named.</summary>
    public bool HasOthers(string temporary)
    {
        lock (gate)
        {
            return names.Count > (names.Contains(temporary) ? 1 : 0);
        }
    }

    public void Name(string temporary, string name)
    {
        lock (gate)
        {
            names.Remove(temporary);
            names.Add(name);
        }
    }

    public void Remove(string name)
    {
        lock (gate)
        {
            names.Remove(name);
        }
    }

    public void Flush()
    {
        lock (gate)
        {
            names.Clear();
        }
    }
}
