using System.Globalization;
using Tidemark.Engine;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Io;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.Diffs;
using Tidemark.Engine.Operations.Healing;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Stores;
using Tidemark.Harness.Engine;
using Xunit;

namespace Tidemark.Harness.Properties;

/// <summary>Carries a history out through the pipelines, in memory, and holds every step against the oracle.</summary>
internal sealed class HistoryRun : IDisposable
{
    /// <summary>Copies of a chain at most; more would only take time.</summary>
    private const int MaxReplicas = 3;

    private readonly History history;
    private readonly MemoryStore store = new();
    private readonly MemoryDevice device;
    private readonly NaiveVolume volume;
    private readonly KeySource? key;
    private readonly List<Replica> replicas = [];
    private int names;

    public HistoryRun(History history)
    {
        this.history = history;
        var content = new byte[history.Length];
        new Random(history.Seed).NextBytes(content);
        device = new MemoryDevice(content, history.SectorSize) { CompletionSeed = history.Seed };
        volume = new NaiveVolume(device, history.BlockSize);
        key = history.Encrypted ? KeySource.FromKey(new byte[64]) : null;
        var name = NewName();
        var chain = new ChainFixture(
            store.CreateFolder(name), history.BlockSize, history.Blake3 ? HashAlgorithm.Blake3 : HashAlgorithm.Xxh128, Codec.Zstd, key,
            (ulong)history.Seed);
        replicas.Add(new Replica(name, chain, []));
    }

    public static void Check(History history)
    {
        using var run = new HistoryRun(history);
        run.Backup(new Step(StepKind.Backup, 0, 0, 0), ImageKind.Full);
        foreach (var step in history.Steps)
        {
            run.Take(step);
        }

        run.CheckAll();
    }

    public void Dispose() => key?.Dispose();

    private void Take(Step step)
    {
        if (step.Kind == StepKind.Backup)
        {
            Backup(step, (step.Place % 6) switch { 0 => ImageKind.Full, 1 or 2 => ImageKind.Differential, _ => ImageKind.Incremental });
        }
        else if (step.Kind == StepKind.Move)
        {
            var replica = replicas[step.Draw % replicas.Count];
            var name = NewName();
            store.RenameFolder(replica.Folder, name);
            replica.Folder = name;
            replica.Chain.Folder = store.OpenFolder(name);
        }
        else if (step.Kind == StepKind.Fork)
        {
            Fork(replicas[step.Draw % replicas.Count]);
        }
        else
        {
            Change(step);
        }
    }

    private void Change(Step step)
    {
        if (step.Kind == StepKind.Heal)
        {
            volume.Heal();
            return;
        }

        if (step.Kind == StepKind.Resize)
        {
            var length = step.Size % (History.MaxLength(history.BlockLog) + 1);
            volume.Resize(step.Draw % 3 == 0 ? length / history.BlockSize * history.BlockSize : length);
            return;
        }

        if (volume.Length == 0)
        {
            return;
        }

        // Bytes, sectors or blocks.
        var unit = (step.Draw % 3) switch { 0 => 1, 1 => history.SectorSize, _ => history.BlockSize };
        var offset = step.Place % volume.Length / unit * unit;
        var size = Math.Max(1, step.Size % (3 * history.BlockSize) / unit) * unit;
        var room = Math.Min(size, volume.Length - offset);
        switch (step.Kind)
        {
            case StepKind.Write:
                var bytes = new byte[room];
                new Random(step.Draw).NextBytes(bytes);
                volume.Write(offset, bytes);
                break;
            case StepKind.Zero:
                volume.Write(offset, new byte[room]);
                break;
            case StepKind.Trim:
                volume.Trim(offset, room);
                break;
            case StepKind.Rewrite:
                volume.Write(offset, volume.Peek(offset, room));
                break;
            case StepKind.Copy:
                volume.Write(offset, volume.Peek(step.Size % (volume.Length - room + 1), room));
                break;
            default:
                // Beyond the end as well: a disk doesn't get better when a partition shrinks.
                volume.Fail(offset, size);
                break;
        }
    }

    private void Backup(Step step, ImageKind kind)
    {
        var replica = replicas[step.Draw % replicas.Count];
        replica.Chain.Codec = (Codec)(step.Size % 3);
        replica.Chain.PartSize = step.Draw % 4 == 1 ? ImageFormat.MinPartSize + (step.Size % 5 * ImageFormat.HeaderSize) : 0;
        replica.Chain.Queue = new IoQueueOptions(1 + (step.Draw % 5), (4 << 10) << (step.Place % 6));
        volume.RequireAnswer();
        var expected = volume.Image();
        var parent = kind switch
        {
            ImageKind.Full => null,
            ImageKind.Incremental => replica.Images[^1],
            _ => replica.Images.Last(i => i.Kind == ImageKind.Full),
        };
        var outcome = replica.Chain.Backup(device, kind);
        replica.Images.Add(new Point(kind, expected));
        Assert.Equal(expected.ChangedSince(parent?.Image), outcome.Counts.ChangedBlocks);
        Assert.Equal(expected.ReadBytes, outcome.ReadBytes);
        Assert.Equal(expected.UnreadableBytes, outcome.UnreadableBytes);
        Assert.Equal(expected.UnreadableBytes, outcome.Unreadable.Sum(r => r.Length));
        if (kind == ImageKind.Full)
        {
            Assert.Equal(expected.Unreadable.Count(bad => bad), outcome.Counts.UnreadableBlocks);
        }
    }

    private void Fork(Replica replica)
    {
        if (replicas.Count == MaxReplicas)
        {
            return;
        }

        var name = NewName();
        var copy = store.CreateFolder(name);
        CopyFiles(store.OpenFolder(replica.Folder), copy);
        replicas.Add(new Replica(name, replica.Chain.Continue(copy, (ulong)(history.Seed + names)), [.. replica.Images]));
    }

    private void CheckAll()
    {
        foreach (var replica in replicas)
        {
            using var chain = replica.Chain.Load();
            Assert.Equal(replica.Images.Count, chain.Members.Count);
            for (var i = 0; i < replica.Images.Count; i++)
            {
                AssertRestores(replica.Images[i].Image.Content, chain, i + 1);
            }

            for (var i = 0; i < replica.Images.Count; i++)
            {
                // Each with the next, and the last with the first.
                AssertDifference(replica, chain, i, (i + 1) % replica.Images.Count);
            }
        }

        // An incremental and a full made now are the same point in time.
        var last = replicas[0];
        volume.RequireAnswer();
        last.Chain.Backup(device, ImageKind.Incremental);
        last.Chain.Backup(device, ImageKind.Full);
        var nothing = last.Chain.Backup(device, ImageKind.Incremental);
        Assert.Equal(0, nothing.Counts.ChangedBlocks);
        Assert.Equal(0, nothing.Counts.Frames);
        var now = volume.Image().Content;
        using var whole = last.Chain.Load();
        for (var i = 1; i <= 3; i++)
        {
            AssertRestores(now, whole, last.Images.Count + i);
        }
    }

    private void AssertRestores(byte[] expected, Tidemark.Engine.Chains.Chain chain, long sequence)
    {
        var restored = ChainFixture.Restore(chain, chain.Get(sequence), out var damage, history.Seed);
        Assert.Empty(damage);
        Assert.Equal(expected.Length, restored.Length);
        var same = expected.AsSpan().CommonPrefixLength(restored);
        Assert.True(same == expected.Length, $"image {sequence} of {chain.Folder.Name} differs at byte {same}");
        AssertRestoresOnto(OlderCopy(expected, sequence, out var changed), changed, expected, chain, sequence);
    }

    /// <summary>The same volume with some places that hold something else or nothing.</summary>
    private byte[] OlderCopy(byte[] expected, long sequence, out int changedPlaces)
    {
        var random = new Random(HashCode.Combine(history.Seed, sequence));
        byte[] older = [.. expected];
        changedPlaces = older.Length == 0 ? 0 : random.Next(8);
        for (var i = 0; i < changedPlaces; i++)
        {
            var at = random.Next(older.Length);
            var place = older.AsSpan(at, Math.Min(older.Length - at, random.Next(1, 512)));
            if (random.Next(3) == 0)
            {
                place.Clear();
            }
            else
            {
                random.NextBytes(place);
            }
        }

        return older;
    }

    private static void AssertRestoresOnto(
        byte[] older, int changedPlaces, byte[] expected, Tidemark.Engine.Chains.Chain chain, long sequence)
    {
        var restored = ChainFixture.RestoreDelta(chain, chain.Get(sequence), older, out var changedBlocks);
        var same = expected.AsSpan().CommonPrefixLength(restored);
        Assert.True(
            same == expected.Length, $"image {sequence} of {chain.Folder.Name}, restored onto an older copy, differs at byte {same}");

        // A place of 512 bytes at most touches two blocks.
        Assert.InRange(changedBlocks, 0, 2 * changedPlaces);
    }

    private static void AssertDifference(Replica replica, Tidemark.Engine.Chains.Chain chain, int from, int to)
    {
        var told = new List<ByteRange>();
        var result = Diff.Run(
            chain, chain.Get(from + 1), chain, chain.Get(to + 1), told.Add, NoObserver.Instance, default);
        Assert.Equal(replica.Images[from].Image.DifferencesTo(replica.Images[to].Image), told);
        Assert.Equal(told.Count, result.ChangedRanges);
        Assert.Equal(told.Sum(r => r.Length), result.ChangedBytes);
    }

    private string NewName() => string.Create(CultureInfo.InvariantCulture, $"chain {++names}");

    private static void CopyFiles(StoreFolder from, StoreFolder to)
    {
        foreach (var entry in from.List())
        {
            using var file = from.OpenRead(entry.Name);
            using var writer = to.Create(entry.Name);
            var bytes = new byte[file.Length];
            file.ReadAt(0, bytes);
            writer.Append(bytes);
            writer.Complete();
        }
    }

    private sealed record Point(ImageKind Kind, NaiveImage Image);

    private sealed class Replica(string folder, ChainFixture chain, List<Point> images)
    {
        public string Folder { get; set; } = folder;

        public ChainFixture Chain { get; } = chain;

        public List<Point> Images { get; } = images;
    }
}
