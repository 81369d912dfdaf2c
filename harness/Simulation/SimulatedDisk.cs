using System.IO.Hashing;

namespace Tidemark.Harness.Simulation;

/// <summary>
/// What a store lies on, with all processes that use it: folders of files, volatile until they are flushed, and locks
/// that end with their holder.
/// </summary>
internal sealed class SimulatedDisk
{
    private readonly XxHash64 log = new();
    private bool dishonest;
    private int processes;

    public Dictionary<string, FolderContent> Folders { get; } = [];

    /// <summary>How often the power was lost.</summary>
    public int PowerLosses { get; private set; }

    /// <summary>Whether the disk lied in a way that may have cost data.</summary>
    public bool IsDishonest
    {
        get => dishonest && !IsTrusted;
        set => dishonest = value;
    }

    /// <summary>Has the oracle take the disk for honest whatever it does: how the oracle itself is tested.</summary>
    public bool IsTrusted { get; set; }

    /// <summary>Whether a flush that lied may still cost data at the next loss of power.</summary>
    public bool HasLied { get; set; }

    /// <summary>A digest of all calls in their order: the same for the same scenario.</summary>
    public ulong Trace => log.GetCurrentHashAsUInt64();

    /// <summary>The number of a new process.</summary>
    public int NextProcess() => ++processes;

    public void Log(IoKind call) => log.Append([(byte)call]);

    public FolderContent AddFolder(string name)
    {
        var folder = new FolderContent(name);
        Folders.Add(name, folder);
        return folder;
    }

    public void LosePower(Random random)
    {
        PowerLosses++;
        IsDishonest |= HasLied;
        foreach (var folder in Folders.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            folder.Value.LosePower(random);
        }
    }

    public void ReleaseLocks(SimulatedProcess process)
    {
        foreach (var folder in Folders.Values.Where(f => f.Holder == process))
        {
            folder.Holder = null;
        }
    }
}
