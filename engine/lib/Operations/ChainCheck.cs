using Tidemark.Engine.Chains;
using Tidemark.Engine.Images;
using Tidemark.Engine.Pipelines;

namespace Tidemark.Engine.Operations;

/// <summary>
/// Verifies one chain, or one image of it and what it descends from: members, links and keys, then each image by
/// itself, then which points in time are whole in spite of what was found.
/// </summary>
internal sealed class ChainCheck(
    Chain chain, VerifyDepth depth, VerifyReport report, IRunObserver observer, RunClock clock, int workers,
    CancellationToken cancellation)
{
    private readonly Dictionary<Guid, DamagedBlocks> damage = [];
    private long doneBytes;
    private long totalBytes;

    private bool Keyless => chain.Encrypted && chain.Keys is null;

    /// <param name="only">The one point in time that is meant; null for all.</param>
    public VerifiedChain Run(long? only)
    {
        var members = Members(only);
        foreach (var member in members)
        {
            CheckMember(member);
        }

        if (chain.Uncommitted is [.., var begun])
        {
            report.Note(
                $"Image {begun} of {chain.Folder.Name} isn't there yet: it is being committed, or its run died before it was. The next backup clears away what is left of it.");
        }

        CheckKeys();
        var images = members.Where(m => m.Image is not null).ToList();
        totalBytes = images.Sum(Weight);
        if (Keyless)
        {
            report.Note(depth == VerifyDepth.Quick
                ? $"{chain.Folder.Name} is encrypted and no key was given: its index wasn't looked at, only headers, footers and links."
                : $"{chain.Folder.Name} is encrypted and no key was given: every stored checksum was verified, but nothing was decrypted.");
        }

        using var frames = depth == VerifyDepth.Quick || Keyless ? null : new FramePipeline(workers);
        using var scrub = depth == VerifyDepth.Quick ? null : new PayloadScrub();
        foreach (var member in images)
        {
            foreach (var healing in member.Healings.Where(h => h.Image is not null))
            {
                CheckImage(healing, frames, scrub);
            }

            CheckImage(member, frames, scrub);
        }

        report.EndImage();
        return Points(members, only);
    }

    private List<ChainMember> Members(long? only)
    {
        if (only is null)
        {
            return [.. chain.Members];
        }

        // What the image descends from is looked at as far as it is there.
        List<ChainMember> members = [];
        var next = chain.Members.FirstOrDefault(m => m.Sequence == only);
        while (next is not null && !members.Contains(next))
        {
            members.Add(next);
            var parent = next.Image?.Header.Parent;
            next = parent is null ? null : chain.Members.FirstOrDefault(m => m.Sequence == parent.Value.Sequence);
        }

        members.Reverse();
        return members;
    }

    /// <summary>What is wrong with a member as a whole, or with its link to its parent.</summary>
    private void CheckMember(ChainMember member)
    {
        var name = chain.Folder.Name;
        foreach (var (bad, why) in member.BadRepairs)
        {
            report.Add(name, member.Sequence, bad, why);
        }

        CheckRepair(member);
        foreach (var healing in member.Healings)
        {
            if (healing.Problem is { } unused)
            {
                report.Add(name, member.Sequence, healing.Files[0].Name, unused);
            }
        }
        if (member.Image is not { } image)
        {
            var problem = member.Problem ?? "";
            var file = member.Files.LastOrDefault(f => problem.Contains(f.Name, StringComparison.Ordinal)).Name ?? member.Files[0].Name;
            report.Add(name, member.Sequence, file, problem);
            return;
        }

        // A broken link is told once, at the image whose parent it is, and not again at all that follow.
        if (chain.TryLineage(image, out var broken) is null && ParentIsWhole(image))
        {
            report.Add(name, member.Sequence, member.Files[0].Name, $"Image {member.Sequence} can't be restored: {broken}");
        }
    }

    /// <summary>The pieces of a repair file, and that it is in use.</summary>
    private void CheckRepair(ChainMember member)
    {
        if (member.Image?.Repair is not { } repair)
        {
            return;
        }

        report.Note($"Image {member.Sequence} is damaged and read through its repair file {repair.FileName}, {repair.Pieces.Count} pieces.");
        if (repair.Check(chain.Folder, cancellation) is { } problem)
        {
            report.Add(chain.Folder.Name, member.Sequence, repair.FileName, $"{repair.FileName}: {problem}.");
        }
    }

    private bool ParentIsWhole(ImageReader image) =>
        Parent(image) is not { } parent || chain.TryLineage(parent, out _) is not null;

    private ImageReader? Parent(ImageReader image) => image.Header.Parent is { } link
        ? chain.Members.FirstOrDefault(m => m.Image?.Header.ImageId == link.ImageId)?.Image
        : null;

    private void CheckKeys()
    {
        if (!chain.Encrypted)
        {
            return;
        }

        try
        {
            foreach (var finding in chain.SelectKeys().Findings)
            {
                report.Add(chain.Folder.Name, 0, finding.FileName, finding.Message);
            }
        }
        catch (TidemarkException e) when (e.Error == TidemarkError.Damaged)
        {
            report.Add(chain.Folder.Name, 0, "", e.Message);
        }
    }

    private void CheckImage(ChainMember member, FramePipeline? frames, PayloadScrub? scrub)
    {
        var image = member.Image!;

        // Headers and footers were read and checked when the chain was opened.
        report.CheckedBytes += ((long)ImageFormat.HeaderSize * member.Files.Count) + ImageFormat.FooterSize;
        var check = new ImageCheck(chain, member, report);
        if (!Keyless)
        {
            var hasher = depth == VerifyDepth.Deep ? chain.Hasher(image) : null;
            check.Run(Parent(image), frames, scrub, hasher, Tell, cancellation);
        }
        else
        {
            check.CheckMetadata();
            if (image.Footer.RepairId != 0)
            {
                scrub = null;
                report.Note($"Image {member.Sequence} was repaired, and without the key its frames can't be told from what it left.");
                check.Damage.Unknown = depth != VerifyDepth.Quick;
            }

            scrub?.Run(image, d => Scrubbed(member, check.Damage, d), Tell, cancellation);
            report.CheckedBytes += scrub is null ? 0 : image.Footer.MetadataOffset;
        }

        damage[image.Header.ImageId] = check.Damage;
        doneBytes += Weight(member);
        Tell(0);
    }

    private void Scrubbed(ChainMember member, DamagedBlocks damaged, ScrubDamage found)
    {
        // Which blocks a point in time takes from the image stands in its index, and that can't be read.
        damaged.Unknown |= found.CostsContent;
        report.AddAt(chain, member, found.Offset, found.Problem, found.Blocks, found.Length);
    }

    private VerifiedChain Points(List<ChainMember> members, long? only)
    {
        var points = members.Where(m => only is null || m.Sequence == only).Select(Point).ToList();
        return new VerifiedChain(
            chain.Folder.Name, members.Count,
            [.. points.Where(p => p.LostBytes == 0).Select(p => p.Sequence)],
            [.. points.Where(p => p.LostBytes != 0).Select(p => p.Sequence)],
            points);
    }

    private VerifiedPoint Point(ChainMember member)
    {
        if (member.Image is not { } image)
        {
            return new VerifiedPoint(member.Sequence, null, null, []);
        }

        var lineage = chain.Salvage(image);
        if (!lineage.IsCutOff || !Keyless)
        {
            return PointCheck.Run(lineage, [.. lineage.Images.Select(i => damage[i.Header.ImageId])], cancellation);
        }

        // Which blocks the newer images speak of stands in their index, and that can't be read.
        return new VerifiedPoint(member.Sequence, image.Header.SourceBytes, null, []);
    }

    /// <summary>Stored bytes of an image that this depth reads.</summary>
    private long Weight(ChainMember member) => depth == VerifyDepth.Quick ? member.Image!.Footer.Counts.IndexBytes : member.Image!.StoredBytes;

    private void Tell(long position)
    {
        if (clock.IsDue())
        {
            var done = doneBytes + (depth == VerifyDepth.Quick ? 0 : position);
            observer.Progress(new RunProgress("verify", Math.Min(done, totalBytes), totalBytes, 0, clock.Seconds));
        }
    }
}
