using System.Diagnostics;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Index;
using Tidemark.Engine.Pipelines;

namespace Tidemark.Engine.Operations.Verification;

/// <summary>
/// Verifies one image whose header and footer hold: metadata, every index page, what the index claims, and by the depth
/// its frames. What is wrong goes to the report, and the blocks it costs to <see cref="Damage"/>.
/// </summary>
/// <param name="healed">The blocks that healing images have: damage of them is worth a note and no finding.</param>
internal sealed class ImageCheck(Chain chain, ChainMember member, VerifyReport report, DamagedBlocks healed)
{
    private readonly ImageReader image = member.Image!;
    private readonly ImageHeader header = member.Image!.Header;
    private readonly List<(long First, long End)> gaps = [];
    private ImageCounts counted;
    private int healedPlaces;
    private FrameRef frame;
    private int nextInFrame;
    private readonly List<(long First, long End)> lost = [];
    private long covered;
    private long mustCover;
    private long passed;
    private PayloadScrub? between;
    private Action<long> tick = _ => { };
    private CancellationToken cancellation;

    public DamagedBlocks Damage { get; } = new();

    /// <param name="parent">The image it was made from, if that is there; null for a full image too.</param>
    /// <param name="frames">Proves the frames; null if only the index is looked at.</param>
    /// <param name="hasher">Proves the blocks; null for checksums only.</param>
    /// <param name="scrub">Walks what lies between those frames; null if only the index is looked at.</param>
    /// <param name="onTick">Told how far in the payload the walk is.</param>
    public void Run(
        ImageReader? parent, FramePipeline? frames, PayloadScrub? scrub, BlockHasher? hasher, Action<long> onTick,
        CancellationToken cancelled)
    {
        between = scrub;
        tick = onTick;
        cancellation = cancelled;
        CheckMetadata();
        mustCover = header.Parent is null ? 0 : parent?.Header.BlockCount ?? header.BlockCount;
        covered = mustCover;
        var framesBefore = frames?.CheckedBytes ?? 0;
        frames?.Begin(image, hasher, d => AddDamage(d.Frame.Offset, d.Frame.Length, $"{d.Problem}.", d.Blocks));
        var audit = new IndexAudit(image, d =>
        {
            Damage.InIndex = true;
            AddDamage(d.Offset, d.Length, d.Problem, [(d.FirstBlock, d.EndBlock)]);
        });
        between?.Begin(image, d => AddBetween(d, audit));
        while (audit.TryNext(out var extent))
        {
            cancellation.ThrowIfCancellationRequested();
            if (Accept(extent) && extent.State.IsStored())
            {
                frames?.Add(extent, audit.Hashes(extent));
                tick(frame.Offset);
            }
        }

        if (lost.Count > 0)
        {
            Damage.InIndex = true;
            AddDamage(image.Footer.Root?.Offset ?? 0, 0, "The image was repaired, and what these blocks held is lost.", lost);
        }

        frames?.Complete();
        if (healedPlaces > 0)
        {
            report.Note(healedPlaces == 1
                ? $"Image {header.Sequence} is damaged in one place, all of whose blocks are healed: they are read from its healing images."
                : $"Image {header.Sequence} is damaged in {healedPlaces} places, all of whose blocks are healed: they are read from its healing images.");
        }

        report.CheckedBytes += audit.Bytes + (frames?.CheckedBytes ?? 0) - framesBefore;
        if (image.Footer.RepairId != 0)
        {
            // A repair leaves what lies between as it is, and where it couldn't find all of it, counts what it found.
            CheckCoverage();
            return;
        }

        between?.Walk(passed, image.Footer.MetadataOffset, tick, cancellation);
        if (!audit.IsDamaged)
        {
            CheckCoverage();
            CheckCounts(audit);
            between?.CheckCounts();
        }
    }

    /// <summary>The metadata's digest, which anyone can verify, and with the key its content.</summary>
    public void CheckMetadata()
    {
        var footer = image.Footer;
        if (footer is { RepairId: not 0, MetadataLength: 0 })
        {
            report.Note($"Image {header.Sequence} was repaired without its metadata, which were lost: source, machine and times of the extent.");
            return;
        }

        report.CheckedBytes += footer.MetadataLength;
        string? problem = null;
        try
        {
            var stored = new byte[footer.MetadataLength];
            image.ReadPayload(footer.MetadataOffset, stored);
            var padding = new byte[image.PayloadLength - footer.MetadataOffset - footer.MetadataLength];
            image.ReadPayload(footer.MetadataOffset + footer.MetadataLength, padding);
            problem = Layout.Digest(stored) != footer.MetadataDigest ? "the metadata's checksum is wrong"
                : !Layout.AllZero(padding) ? "the bytes that fill up behind the metadata aren't zeros"
                : header.Encrypted == image.Cipher is not null && image.TryReadMetadata() is null ? "the metadata can't be read"
                : null;
        }
        catch (TidemarkException e) when (e.Error == TidemarkError.Damaged)
        {
            problem = e.Message;
        }

        if (problem is not null)
        {
            report.AddAt(chain, member, footer.MetadataOffset, $"{problem}. No restore needs it.", []);
        }
    }

    private void AddDamage(long offset, long length, string message, IReadOnlyList<(long First, long End)> blocks)
    {
        foreach (var (first, end) in blocks)
        {
            Damage.Add(first, end);
        }

        if (blocks.Count > 0 && blocks.All(b => healed.Holds(b.First, b.End)))
        {
            healedPlaces++;
            return;
        }

        report.AddAt(chain, member, offset, message, blocks, length);
    }

    /// <summary>
    /// What the index doesn't refer to isn't needed while the index holds: frames that only list blocks without content,
    /// and the pages themselves, which were told of already where they are damaged.
    /// </summary>
    private void AddBetween(ScrubDamage found, IndexAudit audit)
    {
        if (!audit.IsDamaged)
        {
            report.AddAt(chain, member, found.Offset, $"{found.Problem} No restore needs it while the index holds.", [], found.Length);
        }
        else if (!found.IsUnknown)
        {
            AddDamage(found.Offset, found.Length, found.Problem, found.Blocks);
        }
    }

    /// <summary>Counts a run and checks it against what came before; false if its frame can't be read for it.</summary>
    private bool Accept(in IndexExtent extent)
    {
        Debug.Assert(extent.End <= header.BlockCount, "no page speaks of more");
        if (extent.First > covered && gaps.Count < DamagedBlocks.MaxRanges)
        {
            gaps.Add((covered, extent.First));
        }

        covered = Math.Max(covered, extent.End);
        if (extent.State == BlockState.Lost)
        {
            if (lost.Count < DamagedBlocks.MaxRanges)
            {
                lost.Add((extent.First, extent.End));
            }

            return false;
        }

        counted = extent.State switch
        {
            BlockState.Data => counted with { DataBlocks = counted.DataBlocks + extent.Count },
            BlockState.Zero => counted with { ZeroBlocks = counted.ZeroBlocks + extent.Count },
            BlockState.Unreadable => counted with { UnreadableBlocks = counted.UnreadableBlocks + extent.Count },
            _ => counted with { UnallocatedBlocks = counted.UnallocatedBlocks + extent.Count },
        };
        return !extent.State.IsStored() || AcceptFrame(extent);
    }

    private bool AcceptFrame(in IndexExtent extent)
    {
        if (extent.Frame != frame)
        {
            if (extent.Frame.Offset < frame.Offset + frame.Length || extent.Frame.Offset % ImageFormat.Alignment != 0)
            {
                Refuse(extent, "The index refers to a frame that overlaps another, or isn't in its order.");
                return false;
            }

            frame = extent.Frame;
            nextInFrame = 0;
            if (image.Footer.RepairId == 0)
            {
                between?.Walk(passed, frame.Offset, tick, cancellation);
                between?.PassFrame();
            }

            passed = ImageFormat.AlignUp(frame.Offset + frame.Length);
            counted = counted with
            {
                Frames = counted.Frames + 1,
                FrameBytes = counted.FrameBytes + ImageFormat.AlignUp(frame.Length),
            };
        }

        if (extent.BlockInFrame < nextInFrame || extent.BlockInFrame + extent.Count > ImageFormat.MaxFrameBlocks)
        {
            Refuse(extent, "The index refers to one block of a frame twice, or to more than a frame can hold.");
            return false;
        }

        nextInFrame = extent.BlockInFrame + (int)extent.Count;
        return true;
    }

    private void Refuse(in IndexExtent extent, string message)
    {
        Damage.InIndex = true;
        AddDamage(extent.Frame.Offset, extent.Frame.Length, message, [(extent.First, extent.End)]);
    }

    /// <summary>
    /// A full image speaks of every block; a child of every block that its parent doesn't have.
    /// </summary>
    private void CheckCoverage()
    {
        if (covered < header.BlockCount && covered >= mustCover)
        {
            gaps.Add((covered, header.BlockCount));
        }

        if (gaps.Count > 0)
        {
            Damage.InIndex = true;
            var root = image.Footer.Root?.Offset ?? 0;
            AddDamage(root, 0, "The index leaves out blocks that stand in no older image either.", gaps);
        }
    }

    private void CheckCounts(IndexAudit audit)
    {
        var told = image.Footer.Counts;

        // Frames that only list blocks without content aren't referred to.
        var fits = counted.Frames <= told.Frames && counted.FrameBytes <= told.FrameBytes;
        counted = counted with
        {
            UnreadableBytes = told.UnreadableBytes,
            PlainBytes = told.PlainBytes,
            Frames = fits ? told.Frames : counted.Frames,
            FrameBytes = fits ? told.FrameBytes : counted.FrameBytes,
            IndexBytes = audit.Bytes,
            IndexPages = audit.Pages,
        };
        if (counted != told)
        {
            report.AddAt(
                chain, member, image.PayloadLength,
                $"The footer counts something else than the index holds: {told} against {counted}.", []);
        }
    }
}
