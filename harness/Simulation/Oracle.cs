using System.Globalization;
using Tidemark.Engine;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Images;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Stores;

namespace Tidemark.Harness.Simulation;

/// <summary>
/// Looks at a store while nothing fails, and holds it against what is known: what was committed is there and restores
/// bit for bit, or is named as damaged where a disk has lied; nothing else is there.
/// </summary>
internal sealed class Oracle(SimulatedDisk disk, SimulatedTime time, Tally tally)
{
    // Its own calls are no figures of the simulation.
    private readonly Tally own = new();

    /// <summary>A process that nothing happens to.</summary>
    public SimulatedProcess Undisturbed() => new(disk, time, own, null);

    /// <summary>The key that opens a chain now; null for one in the clear or where none does, as after a lie.</summary>
    public KeySource? KeyOf(SimulatedChain chain)
    {
        if (chain.Keys.Count == 0 || chain.Folder is null)
        {
            return chain.Keys.FirstOrDefault();
        }

        using var process = Undisturbed();
        foreach (var key in chain.Keys)
        {
            using var loaded = Chain.Load(new SimulatedFolder(process, disk.Folders[chain.Folder]));
            try
            {
                loaded.Unlock(key);
                return key;
            }
            catch (TidemarkException e) when (e.Error is TidemarkError.Key or TidemarkError.Damaged)
            {
                continue;
            }
        }

        Require(disk.IsDishonest || chain.Points.Count == 0, $"no key opens {chain.Folder}");
        return null;
    }

    /// <summary>Checks a chain.</summary>
    /// <param name="attempts">Runs that may have made an image which isn't known yet.</param>
    /// <param name="all">Whether every point is restored, or the newest ones only.</param>
    public void Check(SimulatedChain known, IReadOnlyList<Attempt> attempts, bool all)
    {
        if (known.Folder is null)
        {
            return;
        }

        using var process = Undisturbed();
        using var chain = Chain.Load(new SimulatedFolder(process, disk.Folders[known.Folder]));
        if (KeyOf(known) is { } key)
        {
            Unlock(chain, key);
        }

        var last = known.Points.Where(p => p.IsCommitted).Select(p => p.Sequence).DefaultIfEmpty(0).Max();
        foreach (var member in chain.Members)
        {
            if (member.Image is { } image)
            {
                Adopt(known, image, attempts);
            }
            else
            {
                Require(
                    disk.IsDishonest || (known.IsUnsettled && member.Sequence > last),
                    $"image {member.Sequence} of {known.Folder} can't be read: {member.Problem}");
            }
        }

        if (chain.Encrypted && chain.Keys is null)
        {
            return;
        }

        CheckPoints(known, chain, all ? int.MaxValue : 2);
    }

    /// <summary>Restores a point while nothing fails and says what of it is damaged; wrong content is a failure.</summary>
    public List<BlockDamage> Restore(Chain chain, ImageReader image, ExpectedPoint point)
    {
        using var process = Undisturbed();
        var before = new byte[point.Content.Length];
        before.AsSpan().Fill(0xEE);
        var target = new SimulatedTarget(before, 1) { Process = process };
        var damage = RestoreRun.Whole(chain, image, target);
        var size = image.Header.BlockSize;
        Compare(point, target.Content, [.. damage.Select(d => new ByteRange(d.FirstBlock * size, d.Count * size))], image);
        tally.Restored++;
        return damage;
    }

    /// <summary>Fails where content differs outside of what is named as damaged.</summary>
    public static void Compare(ExpectedPoint point, ReadOnlySpan<byte> restored, IReadOnlyList<ByteRange> damage, ImageReader image)
    {
        var name = $"image {point.Sequence} ({point.ImageId})";
        Require(image.Header.SourceBytes == point.Content.Length, $"{name} has the wrong length");
        var at = FirstWrong(point, restored, damage, image.Header.LogicalSectorSize, 0);
        Require(at < 0, string.Create(CultureInfo.InvariantCulture, $"{name} restores wrongly at byte {at}, and nothing says so"));
    }

    /// <summary>The first sector from an offset on that is neither as it was, nor named, nor marked as unreadable; -1 for none.</summary>
    public static int FirstWrong(ExpectedPoint point, ReadOnlySpan<byte> restored, IReadOnlyList<ByteRange> damage, int sector, int from)
    {
        Span<byte> pattern = new byte[sector];
        SectorBisection.FillPattern(pattern);
        for (var at = from; at < restored.Length; at += sector)
        {
            var size = Math.Min(sector, restored.Length - at);
            var its = restored.Slice(at, size);
            if (!its.SequenceEqual(point.Content.AsSpan(at, size))
                && !damage.Any(d => at >= d.Offset && at < d.Offset + d.Length)
                && !(its.SequenceEqual(pattern[..size]) && point.Refused.FirstIn(at, at + size) >= 0))
            {
                return at;
            }
        }

        return -1;
    }

    /// <summary>Fails where a run that ended well left something that no image is made of.</summary>
    public void RequireClean(string folder)
    {
        var names = disk.Folders[folder].Files.Keys;
        var left = names.Where(n => n.EndsWith(TemporaryName.Extension, StringComparison.Ordinal)
            || (ImageNames.TryParse(n, out var sequence, out var part, out _) && part > 0 && !names.Contains(ImageNames.Part(sequence, 0))));
        Require(!left.Any(), $"{folder} still holds {string.Join(", ", left)}");
    }

    public static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new SimulationFailure(otherwise);
        }
    }

    private void Unlock(Chain chain, KeySource key)
    {
        try
        {
            chain.Unlock(key);
        }
        catch (TidemarkException) when (disk.IsDishonest)
        {
            // Its key slots are damaged, and it says so.
        }
    }

    private static void Adopt(SimulatedChain known, ImageReader image, IReadOnlyList<Attempt> attempts)
    {
        var id = image.Header.ImageId;
        if (known.Points.Exists(p => p.ImageId == id))
        {
            return;
        }

        var attempt = attempts.FirstOrDefault(a => a.Folder == known.Folder && a.ImageId == id)
            ?? attempts.FirstOrDefault(a => a.Folder == known.Folder && a.ImageId is null);
        Require(attempt is not null, $"{known.Folder} holds an image that nobody made: {image.Name}");
        known.Points.Add(new ExpectedPoint(id, image.Header.Sequence, attempt!.Content, attempt.Refused));
    }

    private void CheckPoints(SimulatedChain known, Chain chain, int most)
    {
        foreach (var point in known.Points.OrderByDescending(p => p.Sequence))
        {
            var image = chain.Members.FirstOrDefault(m => m.Image?.Header.ImageId == point.ImageId)?.Image;
            Require(
                image is not null || disk.IsDishonest || !point.IsCommitted,
                $"image {point.Sequence} of {known.Folder} was committed and is gone");
            if (image is null || most-- <= 0)
            {
                continue;
            }

            var lineage = chain.TryLineage(image, out var problem);
            Require(lineage is not null || disk.IsDishonest, $"image {point.Sequence} of {known.Folder} can't be restored: {problem}");
            if (lineage is null)
            {
                tally.Named++;
                continue;
            }

            CheckRestore(known, chain, image, point);
        }
    }

    private void CheckRestore(SimulatedChain known, Chain chain, ImageReader image, ExpectedPoint point)
    {
        List<BlockDamage> damage;
        try
        {
            damage = Restore(chain, image, point);
        }
        catch (TidemarkException) when (disk.IsDishonest)
        {
            tally.Named++;
            return;
        }

        Require(
            damage.Count == 0 || disk.IsDishonest,
            $"image {point.Sequence} of {known.Folder} is damaged: {(damage.Count > 0 ? damage[0].Reason : "")}");
        tally.Named += damage.Count > 0 ? 1 : 0;
    }
}

/// <summary>A run that may have made an image.</summary>
internal sealed class Attempt(byte[] content)
{
    public byte[] Content => content;

    public RangeSet Refused { get; set; } = new();

    /// <summary>The folder it went to; null if it didn't come that far.</summary>
    public string? Folder { get; set; }

    /// <summary>Known if it ended well.</summary>
    public Guid? ImageId { get; set; }
}
