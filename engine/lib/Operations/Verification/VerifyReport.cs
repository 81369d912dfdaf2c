using Tidemark.Engine.Chains;
using Tidemark.Engine.Format;
using Tidemark.Engine.Operations.Points;

namespace Tidemark.Engine.Operations.Verification;

/// <summary>Gathers what a verification finds: exact for the first findings of an image, summed up beyond them.</summary>
internal sealed class VerifyReport
{
    /// <summary>Findings kept one by one for an image; a medium that fails everywhere needs no longer list.</summary>
    private const int MaxPerImage = 1000;

    /// <summary>Ranges a finding lists at most; past that the last one covers what follows.</summary>
    private const int MaxRanges = 4096;

    /// <summary>Findings kept that aren't of blocks, for who needs those by themselves.</summary>
    private const int MaxOthers = 100;

    private readonly List<VerifyFinding> findings = [];
    private readonly List<VerifyFinding> others = [];
    private readonly List<string> notes = [];
    private long ofImage;
    private string chain = "";
    private long sequence;

    public IReadOnlyList<VerifyFinding> Findings => findings;

    public IReadOnlyList<string> Notes => notes;

    public long CheckedBytes { get; set; }

    /// <summary>Findings so far, those that weren't kept too.</summary>
    public long Total { get; private set; }

    /// <summary>The first findings that aren't of blocks: files, links, keys, what no restore needs.</summary>
    public IReadOnlyList<VerifyFinding> Others => others;

    public void Note(string text)
    {
        if (!notes.Contains(text))
        {
            notes.Add(text);
        }
    }

    /// <summary>Something wrong with a chain or one of its files.</summary>
    public void Add(string chainName, long imageSequence, string file, string message, IReadOnlyList<ByteRange>? ranges = null)
    {
        if (chainName != chain || imageSequence != sequence)
        {
            EndImage();
            chain = chainName;
            sequence = imageSequence;
        }

        ofImage++;
        Total++;
        var finding = new VerifyFinding(chainName, imageSequence, file, message, ranges ?? []);
        if (ofImage <= MaxPerImage)
        {
            findings.Add(finding);
        }

        if (finding.Ranges.Count == 0 && others.Count < MaxOthers)
        {
            others.Add(finding);
        }
    }

    /// <summary>Something wrong at a place of an image's payload; the message gets the file and the place in it.</summary>
    /// <param name="blocks">The blocks that are affected; they become byte ranges of the volume.</param>
    /// <param name="length">Bytes of the damaged piece, which may reach into further parts; 0 where that isn't known.</param>
    public void AddAt(
        Chain chain, ChainMember member, long payloadOffset, string message, IReadOnlyList<(long First, long End)> blocks, long length = 0)
    {
        var header = member.Image!.Header;
        var perPart = header.PartSize == 0 ? long.MaxValue : header.PartSize - ImageFormat.HeaderSize;
        var part = (int)Math.Min(payloadOffset / perPart, member.Files.Count - 1);
        var file = member.Files[part].Name;
        var at = ImageFormat.HeaderSize + payloadOffset - (part * (header.PartSize == 0 ? 0 : perPart));
        var last = (int)Math.Min((payloadOffset + Math.Max(0, length - 1)) / perPart, member.Files.Count - 1);
        var on = last > part ? $" and on into {member.Files[last].Name}" : "";
        Add(chain.Folder.Name, member.Sequence, file, $"{file}, at byte {at}{on}: {message}", Ranges(header, blocks));
    }

    /// <summary>Says how many findings of the last image weren't kept.</summary>
    public void EndImage()
    {
        if (ofImage > MaxPerImage)
        {
            var more = ofImage - MaxPerImage;
            findings.Add(new VerifyFinding(
                chain, sequence, "", $"{more} more {(more == 1 ? $"place of image {sequence} is" : $"places of image {sequence} are")} damaged.", []));
        }

        ofImage = 0;
        chain = "";
        sequence = 0;
    }

    /// <summary>Blocks as byte ranges of the volume, joined where they touch.</summary>
    private static List<ByteRange> Ranges(ImageHeader header, IReadOnlyList<(long First, long End)> blocks)
    {
        List<ByteRange> ranges = [];
        var joiner = new RangeJoiner(range =>
        {
            if (ranges.Count < MaxRanges)
            {
                ranges.Add(range);
            }
            else
            {
                ranges[^1] = ranges[^1] with { Length = range.Offset + range.Length - ranges[^1].Offset };
            }
        });
        foreach (var (first, end) in blocks)
        {
            joiner.Add(
                Math.Min(first, header.BlockCount) * header.BlockSize,
                Math.Min(header.SourceBytes, Math.Min(end, header.BlockCount) * header.BlockSize));
        }

        joiner.Complete();
        return ranges;
    }
}
