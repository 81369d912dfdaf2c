using Tidemark.Engine;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Images;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Diffs;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Volumes;

namespace Tidemark.Harness.Simulation;

/// <summary>What is done with points in time: they are restored, and compared with each other.</summary>
internal sealed partial class World
{
    private void Restore(Operation operation)
    {
        if (Existing(operation.Place) is not { } chain || chain.Points.Count == 0)
        {
            return;
        }

        var key = oracle.KeyOf(chain);
        var point = chain.Points[operation.Size % chain.Points.Count];
        var keeps = operation.Kind == OperationKind.RestoreDelta && target?.Length == point.Content.Length;
        if (!keeps)
        {
            target = NewTarget(point, operation.Draw);
        }

        var before = target!.Content.ToArray();
        var resumes = keeps && operation.Draw % 2 == 0;
        var done = Run(operation, process => RestorePoint(process, chain, key, point, keeps && !resumes, resumes));
        if (!done && operation.Fault?.Kind is FaultKind.PowerLoss or FaultKind.Kill or FaultKind.Cancel or FaultKind.TargetError && !Disk.IsDishonest)
        {
            RequireHonest(point, before);
        }
    }

    private SimulatedTarget NewTarget(ExpectedPoint point, int seed)
    {
        var before = new byte[point.Content.Length];
        before.AsSpan().Fill(0xEE);
        return new SimulatedTarget(before, seed, scenario.SectorSize);
    }

    /// <summary>A target of a restore that was cut off is as it was, or whole, or says at its start that it isn't.</summary>
    private void RequireHonest(ExpectedPoint point, byte[] before)
    {
        var now = target!.Content;
        if (now.Length < RestoreMarker.Size)
        {
            return;
        }

        const int Head = RestoreMarker.Size;
        Oracle.Require(
            now[Head..].SequenceEqual(before.AsSpan(Head)) || RestoreMarker.TryRead(now[..Head]) is not null
            || Oracle.FirstWrong(point, now, [], scenario.SectorSize, Head) < 0,
            $"a restore of image {point.Sequence} was cut off, and its target doesn't say so");
    }

    private void RestorePoint(SimulatedProcess process, SimulatedChain known, KeySource? key, ExpectedPoint point, bool delta, bool resume)
    {
        target!.Process = process;
        using var chain = Chain.Load(new SimulatedStore(process).OpenFolder(known.Folder!));
        chain.Unlock(key);
        if (Find(chain, known, point, process) is not { } image)
        {
            return;
        }

        var request = new RestoreRequest { Image = ImageAddress.Of(StoreLocation.Of(chain.Folder), point.Sequence), Target = TargetLocation.Parse(target.Name), Force = true, Delta = delta, Resume = resume };
        var result = Tidemark.Engine.Operations.Restores.Restore.Run(
            chain, image, request.Image, request,
            (identity, marker, fit) => RestoreTarget.On(target, request, identity, marker, fit), RestoreRun.Queues, NoObserver.Instance,
            new RunClock(time, () => TimeSpan.Zero), process.Cancellation);
        Oracle.Require(
            result.Damaged.Count == 0 || process.Struck > 0 || Disk.IsDishonest, $"image {point.Sequence} of {known.Folder} is damaged");
        Oracle.Compare(point, target.Content, [.. result.Damaged.Select(d => new ByteRange(d.Offset, d.Length))], image);
        tally.Restored++;
    }

    /// <summary>Compares two points in time by their indexes, and what that tells with what both hold.</summary>
    private void Diff(Operation operation)
    {
        if (Existing(operation.Place) is not { } known || known.Points.Count == 0)
        {
            return;
        }

        var key = oracle.KeyOf(known);
        var from = known.Points[operation.Size % known.Points.Count];
        var to = known.Points[operation.Draw % known.Points.Count];
        List<ByteRange> ranges = [];
        var compared = false;
        Run(operation, process =>
        {
            using var chain = Chain.Load(new SimulatedStore(process).OpenFolder(known.Folder!));
            chain.Unlock(key);
            if (Find(chain, known, from, process) is { } its && Find(chain, known, to, process) is { } other)
            {
                Tidemark.Engine.Operations.Diffs.Diff.Run(chain, its, chain, other, ranges.Add, NoObserver.Instance, process.Cancellation);
                compared = true;
            }
        });
        if (compared)
        {
            RequireDifferences(from, to, ranges);
            tally.Compared++;
        }
    }

    private void RequireDifferences(ExpectedPoint from, ExpectedPoint to, List<ByteRange> ranges)
    {
        var (small, large) = (Math.Min(from.Content.Length, to.Content.Length), Math.Max(from.Content.Length, to.Content.Length));
        Oracle.Require(
            ranges.TrueForAll(r => r.Length > 0 && r.Offset >= 0 && r.Offset + r.Length <= large)
            && ranges.Zip(ranges.Skip(1)).All(p => p.First.Offset + p.First.Length < p.Second.Offset),
            $"images {from.Sequence} and {to.Sequence} differ at {string.Join(", ", ranges)}");
        for (var at = 0; at < small; at += scenario.BlockSize)
        {
            var end = Math.Min(at + scenario.BlockSize, small);
            if (from.Refused.FirstIn(at, at + scenario.BlockSize) >= 0 || to.Refused.FirstIn(at, at + scenario.BlockSize) >= 0)
            {
                // What couldn't be read may be the mark of that in one of them.
                continue;
            }

            var differs = !Block(from, at).SequenceEqual(Block(to, at));
            Oracle.Require(
                differs == ranges.Exists(r => r.Offset < end && r.Offset + r.Length > at),
                $"block {at / scenario.BlockSize} of images {from.Sequence} and {to.Sequence} {(differs ? "differs" : "doesn't differ")}, and diff says otherwise");
        }

        Oracle.Require(
            small == large || ranges is [.., var last] && last.Offset <= small && last.Offset + last.Length == large,
            $"images {from.Sequence} and {to.Sequence} have other lengths, and diff doesn't say so");
    }

    /// <summary>A block as its hash sees it: zeros behind the volume's end.</summary>
    private byte[] Block(ExpectedPoint point, int at)
    {
        var block = new byte[scenario.BlockSize];
        point.Content.AsSpan(Math.Min(at, point.Content.Length), Math.Clamp(point.Content.Length - at, 0, block.Length)).CopyTo(block);
        return block;
    }

    /// <summary>The image of a point; null where it went with a crash before it was committed, or can't be read just now.</summary>
    private ImageReader? Find(Chain chain, SimulatedChain known, ExpectedPoint point, SimulatedProcess process)
    {
        var image = chain.Members.FirstOrDefault(m => m.Image?.Header.ImageId == point.ImageId)?.Image;

        // Either is said to the user.
        Oracle.Require(
            image is not null || process.Struck > 0 || !point.IsCommitted || Disk.IsDishonest, $"image {point.Sequence} of {known.Folder} is gone");
        return image;
    }
}
