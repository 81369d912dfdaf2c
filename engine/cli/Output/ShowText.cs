using System.Globalization;
using Tidemark.Cli.Json;
using Tidemark.Engine.Format;
using Tidemark.Engine.Operations.Catalogs;

namespace Tidemark.Cli.Output;

/// <summary>One image for people: a fact a line.</summary>
internal static class ShowText
{
    private const int NameWidth = 18;

    public static void Write(TextWriter text, ImageDetails details)
    {
        var image = details.Summary;
        text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Image {image.Sequence} of {details.Chain}"));
        Line("kind", JsonShapes.Name(image.Kind));
        Line("created", PeopleText.Time(image.Created));
        Line("image id", image.ImageId.ToString());
        Line("chain id", details.ChainId.ToString());
        Line("parent", image.Parent is { } parent ? PeopleText.Count(parent) : "none");
        Line("made of images", details.Lineage.Count > 0 ? PeopleText.Sequences(details.Lineage) : null);
        Line("PROBLEM", details.Problem);
        Line("DAMAGED", details.MetadataProblem is { } damaged ? $"the metadata, which no restore needs: {damaged}" : null);
        text.WriteLine("Source");
        // The strongest decides which chain a source has, and people look for it.
        var ids = image.Identity.Split(' ');
        Line("identity", ids[0]);
        Line("also known by", ids.Length > 1 ? string.Join(' ', ids[1..]) : null);
        Line("path", details.SourcePath);
        Line("what it is", details.Description);
        Line("machine", details.Machine);
        Line("system", details.System);
        Line("snapshot", string.IsNullOrEmpty(details.Snapshot) ? null : details.Snapshot);
        Line("held still at", details.SnapshotTime is { } held ? PeopleText.Time(held) : null);
        Line("snapshot id", details.SnapshotId);
        Line("size", $"{PeopleText.Bytes(image.SourceBytes)} ({PeopleText.Count(image.SourceBytes)} bytes)");
        foreach (var volume in details.Volumes ?? [])
        {
            Line("volume", VolumeText.Of(volume));
        }

        Line("sectors", $"{details.LogicalSectorSize} bytes, physically {details.PhysicalSectorSize}");
        text.WriteLine("Content");
        Line("blocks", $"{PeopleText.Bytes(details.BlockSize)}, identified by {JsonShapes.Name(details.Hash)}");
        Line(image.Kind == ImageKind.Full ? "all blocks" : "changed", $"{PeopleText.Count(image.ChangedBlocks, "block")}, {PeopleText.Bytes(image.ChangedBytes)}");
        Line("data", $"{PeopleText.Count(details.DataBlocks, "block")}, {PeopleText.Bytes(image.DataBytes)}");
        Line("zero", PeopleText.Count(details.ZeroBlocks, "block"));
        Line("unallocated", PeopleText.Count(details.UnallocatedBlocks, "block"));
        Line("unreadable", $"{PeopleText.Count(details.UnreadableBlocks, "block")}, {PeopleText.Bytes(image.UnreadableBytes)}");
        Line("unreadable bytes", details.Unreadable is { Count: > 0 } ranges ? PeopleText.Ranges(ranges) : null);
        text.WriteLine("Stored");
        Line("compression", JsonShapes.Name(details.Codec));
        Line("encrypted", details.Encrypted ? "yes" : "no");
        Line("frames", $"{PeopleText.Count(details.Frames)}: {PeopleText.Bytes(details.PlainBytes)} in {PeopleText.Bytes(details.FrameBytes)}");
        Line("index", PeopleText.Bytes(image.IndexBytes));
        Line("all files", PeopleText.Bytes(image.StoredBytes));
        Line("files", string.Join(", ", details.Files));
        Line("index digest", details.IndexDigest);
        text.WriteLine("Made");
        Line("by", details.Writer);
        Line("reader", details.Reader);
        Line("read", details.ReadBytes is { } read ? PeopleText.Bytes(read) : null);
        Line("time", details.Seconds is { } seconds ? PeopleText.Duration(seconds) : null);
        Line("processor time", details.CpuSeconds is { } cpu ? PeopleText.Duration(cpu) : null);
        if (details.Writer is null)
        {
            text.WriteLine(details.Encrypted
                ? "  Give the chain's key to see more."
                : "  The image's metadata can't be read; 'tidemark verify' tells more.");
        }

        void Line(string name, string? value)
        {
            if (value is not null)
            {
                text.WriteLine($"  {name.PadRight(NameWidth)}{value}");
            }
        }
    }
}
