using Tidemark.Engine.Devices;

namespace Tidemark.Engine.Volumes;

/// <summary>
/// Whether a disk or volume is unused, before something is written over it: everything that isn't zeros, where anybody puts
/// something, counts as use, known or not.
/// </summary>
/// <param name="Known">What is known of it by its records.</param>
/// <param name="FirstUsed">A byte that isn't zero; null where none was met.</param>
/// <param name="Unreadable">Where it couldn't be read, and why; then nobody can tell.</param>
internal sealed record DiskSurvey(IReadOnlyList<DiskSignature> Known, long? FirstUsed, DeviceIoException? Unreadable)
{
    /// <summary>Bytes at both ends that are looked at whole.</summary>
    private const int Ends = 1 << 20;

    /// <summary>
    /// Places in between, evenly spread, and the bytes of each: what was used by anybody isn't zeros in all of them. On a
    /// spinning disk they take under a second.
    /// </summary>
    private const int Samples = 64;

    private const int SampleBytes = 64 << 10;

    /// <summary>Where first partitions begin, by today's and by yesterday's custom: what outlives a table that was wiped.</summary>
    private static readonly long[] firstPartitions = [1 << 20, 63 * 512];

    public bool IsBlank => Known.Count == 0 && FirstUsed is null && Unreadable is null;

    /// <summary>What it is in a few words: "BitLocker volume", "content that isn't recognised, at byte 4096".</summary>
    /// <param name="first">What its beginning is known for; null where that tells nothing.</param>
    public string Summary(string? first)
    {
        // Copies tell something where nothing else does.
        var others = Known.Where(found => !found.IsCopy || (first is null && Known.All(k => k.IsCopy)))
            .DistinctBy(found => found.Name).Select(found => found.ToString());
        var all = string.Join(", ", first is null ? others : others.Prepend(first));
        return all.Length > 0 ? all : $"content that isn't recognised, at byte {FirstUsed}";
    }

    public static DiskSurvey Of(BlockDevice looked)
    {
        var device = new FailingFast(looked);
        var disk = new VolumeView(device);
        List<DiskSignature> known = [.. Signatures(disk)];
        var (used, unreadable) = Look(device);
        if (known.Count == 0 && used is not null)
        {
            known.AddRange(Guesses(disk));
        }

        return new DiskSurvey(known, used, unreadable);
    }

    /// <summary>All records that are known, besides the beginning that <see cref="VolumeProbe"/> reads.</summary>
    public static IEnumerable<DiskSignature> Signatures(VolumeView disk) =>
        MagicTable.Find(disk).Concat(MdSuperblock.Find(disk)).Concat(ZfsLabel.Find(disk)).Concat(MinixSuperblock.Find(disk))
            .Concat(BackupSuperblocks.Find(disk));

    private static IEnumerable<DiskSignature> Guesses(VolumeView disk)
    {
        var sector = new byte[MbrSector.Size];
        if (disk.TryRead(0, sector) && MbrSector.TryRead(sector) is { } mbr && mbr.Entries.Any(entry => entry.Type != 0))
        {
            yield return new DiskSignature("MBR partition table", 0, MbrSector.Size);
        }

        foreach (var at in firstPartitions)
        {
            if (disk.Slice(at, disk.Length - at) is { } volume && VolumeProbe.TryReadContent(volume) is { } content)
            {
                yield return new DiskSignature($"{content.Type} volume", at, 0);
            }
        }
    }

    private static (long? Used, DeviceIoException? Unreadable) Look(BlockDevice device)
    {
        var buffer = new byte[SampleBytes];
        try
        {
            foreach (var (from, to) in Places(device.Length))
            {
                for (var at = from; at < to; at += buffer.Length)
                {
                    var piece = buffer.AsSpan(0, (int)Math.Min(buffer.Length, to - at));
                    device.ReadAt(at, piece);
                    if (piece.IndexOfAnyExcept((byte)0) is >= 0 and var first)
                    {
                        return (at + first, null);
                    }
                }
            }

            return (null, null);
        }
        catch (DeviceIoException e)
        {
            return (null, e);
        }
    }

    private static IEnumerable<(long From, long To)> Places(long length)
    {
        var tail = Math.Max(0, length - Ends);
        yield return (0, Math.Min(length, Ends));
        yield return (Math.Max(Ends, tail), length);
        for (var i = 1; i <= Samples && tail > Ends; i++)
        {
            var at = Ends + (long)((Int128)(tail - Ends) * i / (Samples + 1) / SampleBytes * SampleBytes);
            yield return (at, Math.Min(at + SampleBytes, length));
        }
    }

    /// <summary>A device whose reads fail at once after some have failed, since a sick disk takes seconds for each.</summary>
    private sealed class FailingFast(BlockDevice inner) : BlockDevice
    {
        private const int Patience = 3;

        private int failures;
        private DeviceIoException? last;

        public override string Name => inner.Name;

        public override DeviceGeometry Geometry => inner.Geometry;

        public override void ReadAt(long offset, Span<byte> buffer)
        {
            if (failures >= Patience)
            {
                throw last!;
            }

            try
            {
                inner.ReadAt(offset, buffer);
            }
            catch (DeviceIoException e)
            {
                failures++;
                last = e;
                throw;
            }
        }
    }
}
