namespace Tidemark.Engine.Allocation.Lvm;

/// <summary>
/// What a volume group's description says of one of its physical volumes: where extents lie, and which logical volumes have them.
/// </summary>
internal sealed class LvmGroup
{
    private const int SectorSize = 512;

    /// <summary>Runs at most, some 50 MiB with what is around them: a volume in more pieces is read whole.</summary>
    private const int MaxRuns = 1 << 18;

    private const string Kind = "type";
    private const string Striped = "striped";

    /// <summary>States of a volume that is read as its segments say; others are parts of something, or in the midst of a change.</summary>
    private static readonly string[] plainStates = ["READ", "WRITE", "VISIBLE", "FIXED_MINOR", "NOTSYNCED", "ACTIVATION_SKIP"];

    private readonly string physicalName;
    private readonly long extentSize;
    private int runCount;

    private LvmGroup(LvmSection group, string id)
    {
        // Extents are counted in sectors.
        extentSize = group.Number("extent_size") is var sectors and > 0 and < long.MaxValue / SectorSize
            ? sectors * SectorSize
            : throw Contradiction();
        var (name, physical) = group.Section("physical_volumes").Sections.FirstOrDefault(volume => Letters(volume.Value.Text("id")) == id);
        physicalName = name ?? throw new AllocationException("its LVM metadata doesn't speak of it");
        Start = physical.Number("pe_start") is var start && start < long.MaxValue / SectorSize ? start * SectorSize : throw Contradiction();
        ExtentCount = physical.Number("pe_count");
        if (ExtentCount > (long.MaxValue - Start) / extentSize)
        {
            throw Contradiction();
        }

        // A group that was just made has none yet.
        var logical = group.Sections.GetValueOrDefault("logical_volumes")?.Sections ?? new Dictionary<string, LvmSection>();
        var referred = logical.Values.SelectMany(volume => volume.Sections.Values).SelectMany(segment => segment.TextsBut(Kind)).ToHashSet(StringComparer.Ordinal);
        Volumes = [.. logical.Select(volume => Read(volume.Key, volume.Value, referred.Contains(volume.Key)))];
        // Segments of an unknown kind may name extents in a way of their own.
        CheckOthers(group);
    }

    /// <summary>Where the first extent begins, in bytes of the physical volume.</summary>
    public long Start { get; }

    /// <summary>The byte behind the last extent.</summary>
    public long End => Start + (ExtentCount * extentSize);

    /// <summary>The logical volumes that have extents here.</summary>
    public IReadOnlyList<LvmVolume> Volumes { get; }

    private long ExtentCount { get; }

    /// <param name="text">The description.</param>
    /// <param name="id">The physical volume's UUID, 32 letters and digits.</param>
    /// <exception cref="AllocationException">It can't be understood.</exception>
    public static LvmGroup Parse(string text, string id)
    {
        var root = LvmText.Parse(text);
        return root.Sections.Count == 1 ? new LvmGroup(root.Sections.Values.First(), id) : throw Contradiction();
    }


    private static AllocationException Contradiction() => new("its LVM metadata contradicts itself");

    private static string Letters(string id) => id.Replace("-", "", StringComparison.Ordinal);

    private static void CheckOthers(LvmSection group)
    {
        string[] known = ["physical_volumes", "logical_volumes", "historical_logical_volumes"];
        if (group.Sections.Keys.Except(known).FirstOrDefault() is { } other)
        {
            throw new AllocationException($"its LVM metadata has {other}, which isn't known here");
        }
    }

    private LvmVolume Read(string name, LvmSection volume, bool isReferred)
    {
        var runs = new List<LvmRun>();
        var isPlain = !isReferred && volume.List("flags").Count == 0 && volume.List("status").All(state => state is string text && plainStates.Contains(text))
            && volume.List("status").Contains("VISIBLE");
        var length = 0L;
        foreach (var segment in volume.Sections.Values)
        {
            var count = segment.Number("extent_count");
            var start = segment.Number("start_extent");
            if (count == 0 || count > long.MaxValue / extentSize || start > (long.MaxValue / extentSize) - count)
            {
                throw Contradiction();
            }

            isPlain &= AddRuns(segment, start * extentSize, count, runs);
            length = Math.Max(length, (start + count) * extentSize);
        }

        return new LvmVolume(name, length, runs, isPlain && runs.Sum(run => run.Length) == length);
    }

    /// <summary>Adds what a segment has here; false where it isn't plain, or not wholly here.</summary>
    private bool AddRuns(LvmSection segment, long logical, long extents, List<LvmRun> runs)
    {
        var type = segment.Text(Kind);
        if (type != Striped)
        {
            // Its parts are volumes of their own, with segments on physical volumes; but a mirror may name these itself.
            return segment.TextsBut(Kind).Contains(physicalName, StringComparer.Ordinal)
                ? throw new AllocationException($"one of its logical volumes is of a kind that isn't known here ({type})")
                : false;
        }

        var stripes = segment.List("stripes");
        var count = segment.Number("stripe_count");
        if (count == 0 || stripes.Count != 2 * count || extents % count != 0)
        {
            throw Contradiction();
        }

        var stripeSize = count > 1 ? segment.Number("stripe_size") * SectorSize : extentSize;
        var length = extents / count * extentSize;
        if (stripeSize <= 0 || length % stripeSize != 0)
        {
            throw Contradiction();
        }

        var isHere = true;
        for (var i = 0; i < count; i++)
        {
            if (stripes[2 * i] is not string name || stripes[(2 * i) + 1] is not long first || first < 0)
            {
                throw Contradiction();
            }

            if (name != physicalName)
            {
                isHere = false;
                continue;
            }

            if (first > ExtentCount || extents / count > ExtentCount - first || ++runCount > MaxRuns)
            {
                throw Contradiction();
            }

            runs.Add(new LvmRun(Start + (first * extentSize), length, logical, i, (int)count, stripeSize));
        }

        return isHere;
    }
}
