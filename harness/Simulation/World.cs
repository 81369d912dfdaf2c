using System.Globalization;
using Tidemark.Engine;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.Diffs;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Operations.Verification;

namespace Tidemark.Harness.Simulation;

/// <summary>
/// Two sources, a store and a clock, to which a scenario happens; after every operation the oracle looks.
/// </summary>
internal sealed partial class World : IDisposable
{
    private const int MaxChains = 6;

    private readonly Scenario scenario;
    private readonly Tally tally;
    private readonly SimulatedTime time = new();
    private readonly Oracle oracle;
    private readonly SeededRandomSource ids;
    private readonly MemoryDevice[] volumes;
    private readonly List<SimulatedChain> chains;
    private readonly List<KeySource> keys = [];
    private SimulatedTarget? target;
    private int names;

    public World(Scenario scenario, Tally tally)
    {
        this.scenario = scenario;
        this.tally = tally;
        oracle = new Oracle(Disk, time, tally);
        ids = new SeededRandomSource((ulong)scenario.Seed);
        volumes = [.. Enumerable.Range(0, 2).Select(i => NewVolume(i))];
        chains = [new SimulatedChain(0, null), new SimulatedChain(0, "weekly"), new SimulatedChain(1, null)];
        if (scenario.Encrypted)
        {
            chains.ForEach(c => c.Keys.Add(NewKey()));
        }
    }

    public SimulatedDisk Disk { get; } = new();

    /// <summary>How often the fault of the last operation struck.</summary>
    public int Struck { get; private set; }

    /// <summary>Runs a whole scenario.</summary>
    /// <returns>A digest of all that happened.</returns>
    /// <exception cref="SimulationFailure">A promise was broken.</exception>
    public static ulong Run(Scenario scenario, Tally tally)
    {
        using var world = new World(scenario, tally);
        tally.Histories++;
        for (var i = 0; i < scenario.Operations.Count; i++)
        {
            world.TakeChecked(i, scenario.Operations[i]);
        }

        world.TakeChecked(scenario.Operations.Count, null);
        return world.Disk.Trace;
    }

    public void Dispose() => keys.ForEach(k => k.Dispose());

    /// <summary>Carries out one operation and looks at everything it could have touched.</summary>
    public void Take(Operation operation)
    {
        tally.Count(operation.Kind);
        Struck = 0;
        switch (operation.Kind)
        {
            case OperationKind.Change:
                Change(operation);
                break;
            case OperationKind.Backup:
                Backup(operation);
                break;
            case OperationKind.Verify:
                Verify(operation);
                break;
            case OperationKind.Restore:
            case OperationKind.RestoreDelta:
                Restore(operation);
                break;
            case OperationKind.Diff:
                Diff(operation);
                break;
            case OperationKind.ChangeKey:
                ChangeKey(operation);
                break;
            case OperationKind.Move:
                Move(operation);
                break;
            case OperationKind.Fork:
                Fork(operation);
                break;
            default:
                Together(operation);
                break;
        }
    }

    /// <summary>Everything is brought in order by one more run a chain, and then looked at in full.</summary>
    public void End()
    {
        for (var i = 0; i < chains.Count; i++)
        {
            if (chains[i].Folder is not null && !Disk.IsDishonest)
            {
                Backup(new Operation(OperationKind.Backup, i, 3, i, null));
            }
        }

        chains.ForEach(c => oracle.Check(c, [], all: true));
        Oracle.Require(
            Disk.IsDishonest || Disk.Folders.Keys.All(f => chains.Exists(c => c.Folder == f || (c.Folder is null && c.IsUnsettled))),
            $"the store has a folder that no chain is in: {string.Join(", ", Disk.Folders.Keys)} of {string.Join(", ", chains.Select(c => c.Folder))}");
    }

    private void TakeChecked(int step, Operation? operation)
    {
        try
        {
            if (operation is null)
            {
                End();
            }
            else
            {
                Take(operation);
            }
        }
        catch (SimulationFailure e)
        {
            e.Step = step;
            throw;
        }
#pragma warning disable CA1031 // Anything that the engine throws beside its own errors is a find.
        catch (Exception e)
#pragma warning restore CA1031
        {
            throw new SimulationFailure($"{e.GetType().Name}: {e.Message}", e) { Step = step };
        }
    }

    private MemoryDevice NewVolume(int number)
    {
        var content = new byte[scenario.Length];
        var random = new Random(scenario.Seed + number);
        random.NextBytes(content);
        if (content.Length > 0)
        {
            content.AsSpan(random.Next(content.Length)).Clear();
        }

        return new MemoryDevice(content, scenario.SectorSize, string.Create(CultureInfo.InvariantCulture, $"disk{number}"));
    }

    private KeySource NewKey()
    {
        var bytes = new byte[64];
        new Random(scenario.Seed + keys.Count).NextBytes(bytes);
        keys.Add(KeySource.FromKey(bytes, string.Create(CultureInfo.InvariantCulture, $"key {keys.Count}")));
        return keys[^1];
    }

    private SimulatedChain? Existing(int place)
    {
        var existing = chains.Where(c => c.Folder is not null).ToList();
        return existing.Count == 0 ? null : existing[place % existing.Count];
    }

    /// <summary>Runs something in a process of its own, which the operation's fault may strike.</summary>
    /// <returns>Whether it ended well.</returns>
    private bool Run(Operation operation, Action<SimulatedProcess> work, Turns? turns = null)
    {
        using var process = new SimulatedProcess(Disk, time, tally, operation.Fault) { Turns = turns };
        try
        {
            work(process);
            return true;
        }
        catch (SimulatedCrash) when (process.IsDead)
        {
            return false;
        }
        catch (OperationCanceledException) when (process.Cancellation.IsCancellationRequested)
        {
            return false;
        }
        catch (TidemarkException e) when (process.Struck > 0 || Disk.IsDishonest || (turns is not null && e.Error == TidemarkError.Busy))
        {
            return false;
        }
        finally
        {
            Struck += process.Struck;
            if (operation.Fault?.Kind == FaultKind.PowerLoss && process.Struck > 0)
            {
                target?.LosePower(new Random(operation.Fault.Draw));
            }
        }
    }

    private void Change(Operation operation)
    {
        var volume = volumes[operation.Place % volumes.Length];
        var random = new Random(operation.Draw);
        if (operation.Size % 8 == 0)
        {
            volume.Resize(random.Next(Scenario.MaxLength));
            return;
        }

        if (volume.Length == 0)
        {
            return;
        }

        var unit = random.Next(3) switch { 0 => 1, 1 => scenario.SectorSize, _ => scenario.BlockSize };
        var offset = operation.Place % (int)volume.Length / unit * unit;
        var size = (int)Math.Min(random.Next(1, 40) * unit, volume.Length - offset);
        switch (operation.Size % 8)
        {
            case 1:
                volume.WriteZeros(offset, size);
                break;
            case 2:
                volume.WriteAt(offset, new byte[size]);
                break;
            case 3:
                volume.WriteAt(offset, volume.Content.Slice(random.Next((int)volume.Length - size + 1), size).ToArray());
                break;
            default:
                var bytes = new byte[size];
                random.NextBytes(bytes);
                volume.WriteAt(offset, bytes);
                break;
        }
    }

    private void Move(Operation operation)
    {
        if (Existing(operation.Place) is { } chain)
        {
            Disk.Folders.Remove(chain.Folder!, out var folder);
            folder!.Name = chain.Folder = NewName();
            Disk.Folders.Add(folder.Name, folder);
        }
    }

    private void Fork(Operation operation)
    {
        if (chains.Count < MaxChains && Existing(operation.Place) is { } chain)
        {
            var copy = Disk.Folders[chain.Folder!].Copy(NewName());
            Disk.Folders.Add(copy.Name, copy);
            chains.Add(chain.Copy(copy.Name));
        }
    }

    private string NewName() => string.Create(CultureInfo.InvariantCulture, $"moved {++names}");
}
