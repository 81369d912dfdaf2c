using System.Globalization;
using Tidemark.Engine;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Operations;
using Tidemark.Engine.Packing;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Volumes;

namespace Tidemark.Harness.Simulation;

/// <summary>
/// Two sources, a store and a clock, to which a scenario happens; after every operation the oracle looks.
/// </summary>
internal sealed class World : IDisposable
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

    /// <summary>
    /// A chain to add to. The second schedule of a source begins when the first has an image: a run without a name goes to
    /// the only chain there is, whatever it was begun with.
    /// </summary>
    private SimulatedChain Pick(int place)
    {
        var chain = chains[place % chains.Count];
        return chain == chains[1] && chain.Folder is null && chains[0].Folder is null ? chains[0] : chain;
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

    private void Backup(Operation operation)
    {
        var chain = Pick(operation.Place);
        var attempt = new Attempt(volumes[chain.Source].Content.ToArray());
        var key = oracle.KeyOf(chain);
        BackupResult? result = null;
        var done = Run(operation, process => result = BackupInto(process, chain, key, operation, attempt));
        Settle(chain, attempt, done);
        if (done)
        {
            CheckResult(chain, result!, operation);
        }
        else if (operation.Fault?.Kind == FaultKind.Cancel && attempt.Folder is { } folder && !Disk.IsDishonest && !chain.IsUnsettled)
        {
            oracle.RequireClean(folder);
        }
    }

    private BackupResult BackupInto(SimulatedProcess process, SimulatedChain chain, KeySource? key, Operation operation, Attempt attempt)
    {
        var volume = volumes[chain.Source];
        var device = new SimulatedSource(process, volume, operation.Draw);
        attempt.Refused = device.Refused;
        var identity = SourceIdentity.Of(new IdentityItem(IdentityKind.VhdUniqueId, $"0000000{chain.Source}-1111-2222-3333-444444444444"));
        var hasFull = chain.Points.Exists(p => p.IsCommitted);
        var request = new BackupRequest
        {
            Source = $"/dev/{volume.Name}",
            Store = "store",
            Chain = NameFor(chain, operation.Draw % 2 == 0),
            Kind = (operation.Size % 6) switch
            {
                0 => BackupKind.Full,
                1 or 2 when hasFull => BackupKind.Differential,
                _ => BackupKind.Auto,
            },
            BlockSize = scenario.BlockSize,
            Hash = scenario.Blake3 ? HashAlgorithm.Blake3 : HashAlgorithm.Xxh128,
            Codec = (Codec)(operation.Size / 6 % 3),
            SplitSize = scenario.Parts && operation.Draw % 3 > 0 ? 64 << 10 : 0,
            QueueDepth = 3,
            RequestSize = 64 << 10,
        };
        using var source = OpenedSource.Of(device, request.Source, identity);
        var folder = ChainFinder.Find(new SimulatedStore(process), request, identity);
        attempt.Folder = folder.ShortName;
        var result = Tidemark.Engine.Operations.Backup.Into(
            folder, request, source, key, new RunClock(time, () => TimeSpan.Zero), NoObserver.Instance, time, ids, 0, process.Cancellation);
        attempt.ImageId = result.ImageId;
        return result;
    }

    /// <summary>How the user names the chain: not at all, by the name it was begun with, or by its folder.</summary>
    private static string? NameFor(SimulatedChain chain, bool byFolder) =>
        chain.Folder is not null && (chain.HasCopies || byFolder) ? chain.Folder : chain.Schedule;

    /// <summary>Takes note of what a run has made, and looks at the chain.</summary>
    private void Settle(SimulatedChain chain, Attempt attempt, bool done)
    {
        chain.IsUnsettled |= !done;
        if (attempt.Folder is { } folder)
        {
            Oracle.Require(
                chain.Folder is null || chain.Folder == folder || Disk.IsDishonest,
                $"a run for {chain.Folder} went to {folder}");
            TakeFolder(chain, folder);
        }

        if (done && !Disk.IsDishonest)
        {
            // What is there now was flushed with the new image.
            chain.IsUnsettled = false;
        }

        chains.ForEach(c => oracle.Check(c, [attempt], all: Struck > 0 && c == chain));
        if (done)
        {
            foreach (var point in chain.Points)
            {
                point.IsCommitted |= point.ImageId == attempt.ImageId || IsThere(chain, point);
            }
        }
    }

    /// <summary>A folder is a chain's once there is an image in it.</summary>
    private void TakeFolder(SimulatedChain chain, string folder)
    {
        if (Disk.Folders[folder].Files.Keys.Any(n => ImageNames.TryParse(n, out _, out var part) && part == 0))
        {
            chain.Folder ??= folder;
        }
    }

    private bool IsThere(SimulatedChain chain, ExpectedPoint point)
    {
        using var process = oracle.Undisturbed();
        using var loaded = Chain.Load(new SimulatedFolder(process, Disk.Folders[chain.Folder!]));
        return loaded.Members.Any(m => m.Image?.Header.ImageId == point.ImageId);
    }

    private void CheckResult(SimulatedChain chain, BackupResult result, Operation operation)
    {
        if (Disk.IsDishonest)
        {
            return;
        }

        var point = chain.Points.Find(p => p.ImageId == result.ImageId);
        Oracle.Require(point is not null, $"a run ended well and made no image in {chain.Folder}");
        oracle.RequireClean(chain.Folder!);
        foreach (var range in result.Unreadable)
        {
            for (var at = range.Offset; at < range.Offset + range.Length; at += scenario.SectorSize)
            {
                Oracle.Require(point!.Refused.FirstIn(at, at + 1) >= 0, $"byte {at} counts as unreadable and could be read");
            }
        }

        if (Struck == 0)
        {
            var before = chain.Points.Where(p => p != point && p.IsCommitted).Select(p => p.Sequence).DefaultIfEmpty(0).Max();
            Oracle.Require(
                result.Sequence > before && (before == 0 || operation.Size % 6 == 0 || result.Kind != ImageKind.Full),
                $"image {result.Sequence} of {chain.Folder} is {result.Kind}, and the newest before it was {before}");
        }
    }

    private void Verify(Operation operation)
    {
        if (Existing(operation.Place) is not { } chain)
        {
            return;
        }

        var key = oracle.KeyOf(chain);
        VerifyResult? result = null;
        var depth = (VerifyDepth)(operation.Size % 3);
        Run(operation, process => result = VerifyChain(process, chain, key, depth));
        if (result is null || Struck > 0 || (chain.Keys.Count > 0 && key is null))
        {
            return;
        }

        Oracle.Require(
            Disk.IsDishonest || chain.IsUnsettled || result.Findings.Count == 0,
            $"{chain.Folder} is whole, and verify finds: {result.Findings.Select(f => f.Message).FirstOrDefault()}");
        if (depth == VerifyDepth.Deep)
        {
            RequireRestorable(chain, key, result.Chains[0].Restorable);
        }
    }

    private VerifyResult VerifyChain(SimulatedProcess process, SimulatedChain chain, KeySource? key, VerifyDepth depth) =>
        Tidemark.Engine.Operations.Verify.Run(
            [new SimulatedStore(process).OpenFolder(chain.Folder!)], null, depth, null, key, NoObserver.Instance, process.Cancellation, workers: 0);

    /// <summary>What a deep verification calls restorable does restore, without any damage.</summary>
    private void RequireRestorable(SimulatedChain known, KeySource? key, IReadOnlyList<long> restorable)
    {
        using var process = oracle.Undisturbed();
        using var chain = Chain.Load(new SimulatedFolder(process, Disk.Folders[known.Folder!]));
        chain.Unlock(key);
        foreach (var sequence in restorable)
        {
            var image = chain.Get(sequence);
            var point = known.Points.Find(p => p.ImageId == image.Header.ImageId);
            Oracle.Require(point is not null, $"{known.Folder} holds an image {sequence} that nobody made");
            Oracle.Require(oracle.Restore(chain, image, point!).Count == 0, $"verify calls image {sequence} of {known.Folder} whole, and it is damaged");
        }
    }

    private void Restore(Operation operation)
    {
        if (Existing(operation.Place) is not { } chain || chain.Points.Count == 0)
        {
            return;
        }

        var key = oracle.KeyOf(chain);
        var point = chain.Points[operation.Size % chain.Points.Count];
        var delta = operation.Kind == OperationKind.RestoreDelta && target?.Length == point.Content.Length;
        if (!delta)
        {
            var before = new byte[point.Content.Length];
            before.AsSpan().Fill(0xEE);
            target = new SimulatedTarget(before, operation.Draw);
        }

        Run(operation, process => RestorePoint(process, chain, key, point, delta));
    }

    private void RestorePoint(SimulatedProcess process, SimulatedChain known, KeySource? key, ExpectedPoint point, bool delta)
    {
        target!.Process = process;
        using var chain = Chain.Load(new SimulatedStore(process).OpenFolder(known.Folder!));
        chain.Unlock(key);
        if (chain.Members.FirstOrDefault(m => m.Image?.Header.ImageId == point.ImageId)?.Image is not { } image)
        {
            // It went with a crash before it was committed, or it can't be read just now; either is said to the user.
            Oracle.Require(process.Struck > 0 || !point.IsCommitted || Disk.IsDishonest, $"image {point.Sequence} of {known.Folder} is gone");
            return;
        }

        var damage = delta ? RestoreRun.Delta(chain, image, target) : RestoreRun.Whole(chain, image, target);
        Oracle.Require(
            damage.Count == 0 || process.Struck > 0 || Disk.IsDishonest, $"image {point.Sequence} of {known.Folder} is damaged");
        Oracle.Compare(point, target.Content, damage, image);
        tally.Restored++;
    }

    private void ChangeKey(Operation operation)
    {
        if (Existing(operation.Place) is not { } chain || chain.Keys.Count == 0 || oracle.KeyOf(chain) is not { } old)
        {
            return;
        }

        var replacement = NewKey();
        var done = Run(operation, process =>
        {
            using var loaded = Chain.Load(new SimulatedStore(process).OpenFolder(chain.Folder!));
            ChainKey.Change(loaded, old, replacement, ids, Argon2Cost.Default);
        });
        if (!done || Disk.IsDishonest)
        {
            chain.Keys.Insert(0, replacement);
            chain.IsUnsettled |= !done;
        }
        else
        {
            chain.Keys.Clear();
            chain.Keys.Add(replacement);
        }

        oracle.Check(chain, [], all: false);
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

    /// <summary>Two machines at one store; only the first has the fault, but a loss of power ends both.</summary>
    private void Together(Operation operation)
    {
        var first = Pick(operation.Place);
        var second = Pick(operation.Size);
        var turns = new Turns(operation.Draw);
        var attempts = new[] { first, second }.Select(c => new Attempt(volumes[c.Source].Content.ToArray())).ToArray();
        var ended = new bool[2];
        var (key, otherKey) = (oracle.KeyOf(first), oracle.KeyOf(second));
        turns.Run(
            () => ended[0] = Run(operation, p => BackupInto(p, first, key, operation, attempts[0]), turns),
            () => ended[1] = Run(operation with { Fault = null }, p => Other(p, second, otherKey, operation, attempts[1]), turns));
        Disturbed(first, ended[0]);
        Disturbed(second, ended[1]);
        foreach (var (chain, attempt) in new[] { (first, attempts[0]), (second, attempts[1]) })
        {
            if (attempt.Folder is { } folder)
            {
                TakeFolder(chain, folder);
            }
        }

        chains.ForEach(c => oracle.Check(c, attempts, all: false));
    }

    private void Other(SimulatedProcess process, SimulatedChain chain, KeySource? key, Operation operation, Attempt attempt)
    {
        if (operation.Size % 2 == 0 || chain.Folder is null)
        {
            BackupInto(process, chain, key, operation, attempt);
        }
        else if (operation.Size % 4 == 1)
        {
            VerifyChain(process, chain, key, VerifyDepth.Deep);
        }
        else if (chain.Points.Find(p => p.IsCommitted) is { } point)
        {
            target = new SimulatedTarget(new byte[point.Content.Length], operation.Draw);
            RestorePoint(process, chain, key, point, delta: false);
        }
    }

    private void Disturbed(SimulatedChain chain, bool ended) => chain.IsUnsettled |= !ended;
}
