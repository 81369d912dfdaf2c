using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Operations.Restores;

/// <summary>How what an image holds is brought onto a device of another size or with another sector.</summary>
/// <param name="CopyBytes">What is copied of it, from the beginning.</param>
/// <param name="Edits">What is put in place of copied bytes afterwards, in this order.</param>
/// <param name="Notes">What was done beside copying, for people.</param>
internal sealed record TargetFit(long CopyBytes, IReadOnlyList<DiskEdit> Edits, IReadOnlyList<string> Notes)
{
    /// <summary>How all of a larger target comes into use, for people; null where nothing grows.</summary>
    public string? Growth { get; init; }

    /// <summary>What is left on the target and may be taken for its content, for people; null where nothing is.</summary>
    public string? Leftover { get; private init; }

    public static TargetFit Plain(long bytes) => new(bytes, [], []);

    /// <summary>
    /// The same without the records that stand behind what is copied, at the end of a larger target as a rule: systems look there
    /// first, and would take it for the array, pool or disk that it was.
    /// </summary>
    /// <param name="target">What is written to.</param>
    /// <param name="request">Says whether bytes alone are to be copied; then the records are named and stay.</param>
    public TargetFit Clearing(VolumeView target, RestoreRequest request)
    {
        if (CopyBytes >= target.Length)
        {
            return this;
        }

        var left = DiskSurvey.Signatures(target).Where(found => found.Offset + found.Length > CopyBytes).ToArray();
        if (left.Length == 0)
        {
            return this;
        }

        var names = string.Join(", ", left.DistinctBy(found => found.Name));
        if (request.AsIs)
        {
            return this with
            {
                Leftover = $"behind what was restored {request.Target} still holds what it may be taken for: {names}; wipefs tells, and removes it",
            };
        }

        var wipes = left.Select(found => (Offset: Math.Max(found.Offset, CopyBytes), End: Math.Min(found.Offset + found.Length, target.Length)))
            .Select(range => new DiskEdit(range.Offset, new byte[range.End - range.Offset]));
        return this with
        {
            Edits = [.. wipes, .. Edits],
            Notes = [.. Notes, $"what {request.Target} held behind the image's end, and might have been taken for, was wiped: {names}"],
        };
    }

    /// <summary>Decides for a block device.</summary>
    /// <param name="source">What is restored.</param>
    /// <param name="isDisk">Whether its table, if there is one, describes all of the target; not where it goes into a partition.</param>
    /// <param name="length">Bytes of the target.</param>
    /// <param name="sectorSize">Bytes of the target's sector.</param>
    /// <param name="request">Says what was consented to.</param>
    /// <exception cref="TidemarkException">It doesn't fit, or wouldn't work there.</exception>
    public static TargetFit Of(VolumeView source, bool isDisk, long length, int sectorSize, RestoreRequest request)
    {
        if (request.AsIs || (length == source.Length && sectorSize == source.SectorSize))
        {
            RequireRoom(source.Length, length, request.Target.Text, "");
            return Plain(source.Length);
        }

        var table = VolumeProbe.TryReadTable(source);
        if (table is null || !isDisk)
        {
            RequireRoom(source.Length, length, request.Target.Text, table is null ? " It holds no partition table, so all of it is needed." : "");
            return WithSector(source, sectorSize, request.Target.Text);
        }

        return table.Scheme == PartitionScheme.Gpt && GptTable.TryReadParts(source) is { } gpt
            ? OfGpt(source, table, gpt, length, sectorSize, request).WithOdd(table)
            : OfMbr(source, table, length, sectorSize, request).WithOdd(table);
    }

    /// <summary>What means no place on the disk needs none on the target, and is restored as it stands in the table.</summary>
    private TargetFit WithOdd(PartitionTable table) => table.Odd.Count == 0 ? this : this with
    {
        Notes = [.. Notes, .. table.Odd.Select(entry => $"of the partition table, {entry}: it was left as it is, and nothing was fitted to it")],
    };

    private static void RequireRoom(long need, long length, string target, string why)
    {
        if (length < need)
        {
            throw TidemarkException.WrongUse(
                $"{target} has {length} bytes and the image {need}: it doesn't fit.{why} Give a target at least as large.");
        }
    }

    /// <summary>A volume without a table goes where its own unit is possible.</summary>
    private static TargetFit WithSector(VolumeView source, int sectorSize, string target)
    {
        RequireSector(source, source.SectorSize, sectorSize, target, "the volume");
        return Plain(source.Length);
    }

    private static void RequireSector(VolumeView volume, int from, int to, string target, string what)
    {
        if (from != to && SectorUnit.TryOf(volume)?.ProblemOn(to) is { } problem)
        {
            throw TidemarkException.WrongUse(
                $"{what} would not work on {target}, which has sectors of {to} bytes and not of {from}: {problem}. "
                + $"Give a target with sectors of {from} bytes.",
                Advice.AsIs);
        }
    }

    private static TargetFit OfMbr(VolumeView source, PartitionTable table, long length, int sectorSize, RestoreRequest request)
    {
        if (sectorSize != source.SectorSize)
        {
            throw TidemarkException.WrongUse(
                $"The image is of a disk with an MBR that counts sectors of {source.SectorSize} bytes, and {request.Target} has sectors of "
                + $"{sectorSize}: no system would find the partitions there. Give a target with sectors of {source.SectorSize} bytes, "
                + "or restore the partitions one by one (IMAGE#N).",
                Advice.AsIs);
        }

        if (length >= source.Length)
        {
            return Plain(source.Length);
        }

        RequirePartitionsFit(source, table, length, tail: 0, sectorSize, request);
        return new TargetFit(length, [], [LeftOut(source, length)]);
    }

    private static TargetFit OfGpt(
        VolumeView source, PartitionTable table, GptParts gpt, long length, int sectorSize, RestoreRequest request)
    {
        List<string> notes = [];
        var moves = sectorSize != table.SectorSize;
        if (moves)
        {
            RequireMovable(source, table, gpt, sectorSize, request.Target.Text);
            notes.Add($"the partition table was rewritten for sectors of {sectorSize} bytes; partitions stay where they are");
        }
        else if (length == source.Length)
        {
            return Plain(length);
        }

        if (length < source.Length)
        {
            RequirePartitionsFit(source, table, length, GptFit.TailBytes(gpt, sectorSize), sectorSize, request);
            notes.Add(LeftOut(source, length));
        }

        if (!GptFit.HasRoom(gpt, length, sectorSize))
        {
            notes.Add("the partition table leaves no room for its copy and was restored as it was");
            return new TargetFit(Math.Min(source.Length, length), [], notes);
        }

        notes.Add(table.FromBackup
            ? "both copies of the partition table were written anew from the one at the end, for the target's size"
            : "the copy of the partition table was moved to the target's end");
        return new TargetFit(Math.Min(source.Length, length), GptFit.Edits(source, gpt, length, sectorSize), notes);
    }

    private static void RequireMovable(VolumeView source, PartitionTable table, GptParts gpt, int sectorSize, string target)
    {
        var from = table.SectorSize;
        string Advice() => $"Give a target with sectors of {from} bytes, or restore the partitions one by one (IMAGE#N).";
        if (GptFit.IsHybrid(source))
        {
            throw TidemarkException.WrongUse(
                $"{target} has sectors of {sectorSize} bytes and the image of {from}, in which its hybrid MBR counts too. {Advice()}");
        }

        foreach (var partition in table.Partitions)
        {
            if (partition.Offset % sectorSize != 0 || partition.Length % sectorSize != 0)
            {
                throw TidemarkException.WrongUse(
                    $"Partition {partition.Number} doesn't begin and end at sectors of {sectorSize} bytes, which {target} has: it lies from "
                    + $"byte {partition.Offset} to {End(partition)}. {Advice()}");
            }

            if (partition.Offset < GptFit.HeadBytes(gpt, sectorSize))
            {
                throw TidemarkException.WrongUse(
                    $"Partition {partition.Number} begins at byte {partition.Offset}, and with the sectors of {target} the partition table "
                    + $"reaches to {GptFit.HeadBytes(gpt, sectorSize)}. {Advice()}");
            }

            if (source.Slice(partition.Offset, partition.Length) is { } volume)
            {
                RequireSector(volume, from, sectorSize, target, $"Partition {partition.Number}");
            }
        }
    }

    private static void RequirePartitionsFit(
        VolumeView source, PartitionTable table, long length, long tail, int sectorSize, RestoreRequest request)
    {
        var last = table.Partitions.MaxBy(End);
        var need = ((last is null ? 0 : End(last)) + tail + sectorSize - 1) / sectorSize * sectorSize;
        if (need > length)
        {
            var past = table.Partitions.Where(p => End(p) > length - tail).Select(p => $"partition {p.Number} ends at byte {End(p)}");
            throw TidemarkException.WrongUse(
                $"{request.Target} has {length} bytes and the image {source.Length}: it doesn't fit, since {string.Join(", ", past)}"
                + (tail > 0 ? $" and the table's copy takes {tail} more" : "") + $". Give a target of at least {need} bytes.");
        }

        if (!request.Fit)
        {
            throw TidemarkException.WrongUse(
                $"{request.Target} has {length} bytes and the image {source.Length}: it doesn't fit as it is. Its partitions do: the last "
                + $"one ends at byte {(last is null ? 0 : End(last))}, so that the {source.Length - length} bytes at the end can be left out.",
                Advice.Fit);
        }
    }

    private static string LeftOut(VolumeView source, long length) =>
        $"bytes {length} to {source.Length} of the image, behind the last partition, were left out";

    private static long End(Partition partition) => partition.Offset + partition.Length;
}
