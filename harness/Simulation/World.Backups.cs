using System.Globalization;
using Tidemark.Engine;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.Verification;
using Tidemark.Engine.Progress;

namespace Tidemark.Harness.Simulation;

/// <summary>What adds to chains: backups, alone and two at once, and what is expected of them.</summary>
internal sealed partial class World
{
    /// <summary>
    /// A chain to add to. The second schedule of a source begins when the first has an image: a run without a name goes to
    /// the only chain there is, whatever it was begun with.
    /// </summary>
    private SimulatedChain Pick(int place)
    {
        var chain = chains[place % chains.Count];
        return chain == chains[1] && chain.Folder is null && chains[0].Folder is null ? chains[0] : chain;
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
            Source = SourceLocation.Parse($"/dev/{volume.Name}"),
            Store = StoreLocation.Parse("store"),
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
        var result = Tidemark.Engine.Operations.Backups.Backup.Into(
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

        Oracle.Require(Struck == 0 || operation.Fault?.Kind != FaultKind.SourceGone, "a source that was gone was imaged");
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
            target = NewTarget(point, operation.Draw);
            RestorePoint(process, chain, key, point, delta: false, resume: false);
        }
    }

    private static void Disturbed(SimulatedChain chain, bool ended) => chain.IsUnsettled |= !ended;
}
