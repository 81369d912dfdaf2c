using Tidemark.Engine.Chains;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Index;
using Tidemark.Engine.Pipelines;

namespace Tidemark.Engine.Operations.Verification;

/// <summary>
/// Checks one member of a chain in all its files: the image, the repair file it is read through, and its healing images,
/// which are proven as images are. Verify, heal and repair ask here, so that none of them calls whole what another calls
/// damaged.
/// </summary>
internal sealed class MemberCheck(Chain chain, ChainMember member, VerifyReport report, CancellationToken cancellation)
{
    private readonly Dictionary<Guid, DamagedBlocks> damage = [];
    private readonly List<ChainMember> badHealings = [.. member.Healings.Where(h => h.Image is null)];

    public ChainMember Member => member;

    /// <summary>What is damaged in the image itself, whether it is healed or not; valid after <see cref="Images"/>.</summary>
    public DamagedBlocks Damage { get; private set; } = new();

    /// <summary>Healing images that can't be read, or of which any byte is wrong.</summary>
    public IReadOnlyList<ChainMember> BadHealings => badHealings;

    /// <summary>What is damaged in each image that was checked, by its id.</summary>
    public IReadOnlyDictionary<Guid, DamagedBlocks> DamageById => damage;

    /// <summary>What is wrong with the member as a whole, or with a file beside it.</summary>
    public void Files()
    {
        var name = chain.Folder.Name;
        foreach (var (bad, why) in member.BadRepairs)
        {
            report.Add(name, member.Sequence, bad, why);
        }

        Repair();
        foreach (var healing in member.Healings.Where(h => h.Problem is not null))
        {
            report.Add(name, member.Sequence, healing.Files[0].Name, healing.Problem!);
        }

        foreach (var (part, problem) in member.Image?.DamagedParts ?? [])
        {
            var file = member.Image!.Header.FileName(part);
            report.Add(name, member.Sequence, file, $"{file}, part {part} of the image, has a damaged header: {problem} No restore needs it.");
        }

        if (member.Image is null)
        {
            var problem = member.Problem ?? "";
            var file = member.Files.LastOrDefault(f => problem.Contains(f.Name, StringComparison.Ordinal)).Name ?? member.Files[0].Name;
            report.Add(name, member.Sequence, file, problem);
        }
    }

    /// <summary>The image and its healing images, which can be read and are unlocked.</summary>
    /// <param name="frames">Proves the frames; null if only the index is looked at.</param>
    /// <param name="scrub">Walks what lies between those frames; null if only the index is looked at.</param>
    /// <param name="hasher">Proves the blocks; null for checksums only.</param>
    /// <param name="tick">Told how far in the payload of the one that is being checked the walk is.</param>
    public void Images(FramePipeline? frames, PayloadScrub? scrub, BlockHasher? hasher, Action<long> tick)
    {
        foreach (var healing in member.Healings.Where(h => h.Image is not null))
        {
            var before = report.Total;
            Check(healing, new DamagedBlocks(), frames, scrub, hasher, tick);
            if (report.Total > before)
            {
                badHealings.Add(healing);
            }
        }

        Damage = Check(member, Healed(), frames, scrub, hasher, tick);
    }

    /// <summary>Notes what a check that was made otherwise found of an image.</summary>
    public void Take(ImageReader image, DamagedBlocks found) => damage[image.Header.ImageId] = found;

    private DamagedBlocks Check(
        ChainMember one, DamagedBlocks healed, FramePipeline? frames, PayloadScrub? scrub, BlockHasher? hasher, Action<long> tick)
    {
        var check = new ImageCheck(chain, one, report, healed);
        check.Run(chain.Parent(one.Image!), frames, scrub, hasher, tick, cancellation);
        damage[one.Image!.Header.ImageId] = check.Damage;
        return check.Damage;
    }

    /// <summary>
    /// The blocks that healing images stand for: each is read from the newest that has it, so it is healed if it is whole
    /// there.
    /// </summary>
    private DamagedBlocks Healed()
    {
        var healed = new DamagedBlocks(mayGrow: false);
        if (chain.Healings(member.Image!) is not [var newest, ..] healings)
        {
            return healed;
        }

        var cursor = MergeCursor.WithLosses(new Lineage(newest, [.. healings.Select(h => (h, LayerRole.Healing))]));
        while (cursor.Read(cursor.BlockCount, out var extent))
        {
            cancellation.ThrowIfCancellationRequested();
            if (extent.State == BlockState.Absent)
            {
                continue;
            }

            var at = extent.First;
            damage[cursor.ImageOf(extent).Header.ImageId].Intersect(extent.First, extent.End, (first, end) =>
            {
                healed.Add(at, first);
                at = end;
            });
            healed.Add(at, extent.End);
        }

        return healed;
    }

    /// <summary>The pieces of a repair file, and that it is in use.</summary>
    private void Repair()
    {
        if (member.Image?.Repair is not { } repair)
        {
            return;
        }

        report.Note($"Image {member.Sequence} is damaged and read through its repair file {repair.FileName}, {repair.Pieces.Count} {(repair.Pieces.Count == 1 ? "piece" : "pieces")}.");
        if (repair.Check(chain.Folder, cancellation) is { } problem)
        {
            report.Add(chain.Folder.Name, member.Sequence, repair.FileName, $"{repair.FileName}: {problem}.");
        }
    }
}
