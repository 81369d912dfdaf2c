using Tidemark.Engine.Chains;
using Tidemark.Engine.Format;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Progress;

namespace Tidemark.Engine.Operations.Verification;

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
        chain.Cancellation = cancellation;
        var members = Members(only);
        var checks = members.ConvertAll(m => new MemberCheck(chain, m, report, cancellation));
        foreach (var check in checks)
        {
            check.Files();
            CheckLink(chain, check.Member, report);
        }

        if (chain.Uncommitted is [.., var begun])
        {
            report.Note(
                $"Image {begun} of {chain.Folder.Name} isn't there yet: a run is writing it, or died before it was committed. The next backup clears away what is left of it.");
        }

        CheckKeys(chain, report);
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
        foreach (var check in checks.Where(c => c.Member.Image is not null))
        {
            CheckImages(check, frames, scrub);
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

    /// <summary>A broken link is told once, at the image whose parent it is, and not again at all that follow.</summary>
    public static void CheckLink(Chain chain, ChainMember member, VerifyReport report)
    {
        if (member.Image is { } image && chain.TryLineage(image, out var broken) is null
            && (chain.Parent(image) is not { } parent || chain.TryLineage(parent, out _) is not null))
        {
            report.Add(
                chain.Folder.Name, member.Sequence, member.Files[0].Name, $"Image {member.Sequence} can't be restored: {broken}");
        }
    }

    /// <summary>The key slots and key files of an encrypted chain.</summary>
    public static void CheckKeys(Chain chain, VerifyReport report)
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

    private void CheckImages(MemberCheck check, FramePipeline? frames, PayloadScrub? scrub)
    {
        var member = check.Member;
        foreach (var one in member.Healings.Append(member).Where(m => m.Image is not null))
        {
            // Headers and footers were read and checked when the chain was opened.
            report.CheckedBytes += ((long)ImageFormat.HeaderSize * one.Files.Count) + ImageFormat.FooterSize;
            if (Keyless)
            {
                check.Take(one.Image!, Scrub(one, scrub));
            }
        }

        if (!Keyless)
        {
            check.Images(frames, scrub, depth == VerifyDepth.Deep ? chain.Hasher(member.Image!) : null, Tell);
        }

        foreach (var (id, found) in check.DamageById)
        {
            damage[id] = found;
        }

        doneBytes += Weight(member);
        Tell(0);
    }

    /// <summary>Verifies what can be without the key: every stored checksum.</summary>
    private DamagedBlocks Scrub(ChainMember member, PayloadScrub? scrub)
    {
        var image = member.Image!;
        var check = new ImageCheck(chain, member, report, new DamagedBlocks());
        check.CheckMetadata();
        if (image.Footer.RepairId != 0)
        {
            scrub = null;
            report.Note($"Image {member.Sequence} was repaired, and without the key its frames can't be told from what it left.");
            check.Damage.Unknown = depth != VerifyDepth.Quick;
        }

        scrub?.Run(image, d => Scrubbed(member, check.Damage, d), Tell, cancellation);
        report.CheckedBytes += scrub is null ? 0 : image.Footer.MetadataOffset;
        return check.Damage;
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

        var lineage = chain.LineageWithGaps(image);
        if (!lineage.IsCutOff || !Keyless)
        {
            return PointCheck.Run(lineage, [.. lineage.Layers.Select(i => damage[i.Header.ImageId])], cancellation);
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
