using System.Globalization;
using Tidemark.Engine;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Operations.Maintenance;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Operations.Verification;
using Tidemark.Engine.Progress;

namespace Tidemark.Harness.Simulation;

/// <summary>What is done with chains that are there: verifications and key changes.</summary>
internal sealed partial class World
{
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

    private static VerifyResult VerifyChain(SimulatedProcess process, SimulatedChain chain, KeySource? key, VerifyDepth depth) =>
        Tidemark.Engine.Operations.Verification.Verify.Run(
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

    private void ChangeKey(Operation operation)
    {
        if (Existing(operation.Place) is not { } chain || chain.Keys.Count == 0 || oracle.KeyOf(chain) is not { } old)
        {
            return;
        }

        var replacement = NewKey();
        var done = Run(operation, process =>
        {
            ChainKey.Change(new SimulatedStore(process).OpenFolder(chain.Folder!), old, replacement, ids, Argon2Cost.Default);
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
}
