namespace Tidemark.Bench.Peers;

/// <summary>All runs of one scenario with one state of the page cache, by program, the fastest first.</summary>
internal sealed class PeerScenario
{
    /// <summary>They read, write or hash, and nothing else: no backup is faster.</summary>
    private static readonly string[] ceilings = ["fio", "dd"];

    /// <summary>What the bars of the database and of the random pages are held against; no program that ran.</summary>
    private const string PagesAlone = "zstd of the pages";

    private readonly ILookup<string, PeerRun> runs;

    private PeerScenario(string cache, string name, IEnumerable<PeerRun> runs)
    {
        Cache = cache;
        Name = name;
        this.runs = runs.ToLookup(run => run.Program);
        Programs = [.. this.runs.Select(program => program.Key).Where(program => program != PagesAlone)
            .OrderBy(program => Seconds(program).Median)];
    }

    public string Cache { get; }

    public string Name { get; }

    public IReadOnlyList<string> Programs { get; }

    public string Title => Name switch
    {
        "full" => "A full image",
        "nothing" => "Nothing changed",
        "file" => "One new file of 64 MiB",
        "random" => "1 % of the 4 KiB pages changed at random",
        "database" => "A database of 1 GiB: 5,000 page writes and 16 MiB of log",
        "restore" => "Restore of the newest point",
        _ => Name,
    } + $", {Cache}";

    /// <summary>What the changed pages take when zstd -1 compresses them alone; null where it wasn't measured.</summary>
    public double? PagesAloneBytes => runs[PagesAlone].Any() ? PeerFigure.Of(runs[PagesAlone].Select(run => (double)run.StoredBytes)).Median : null;

    public static IReadOnlyList<PeerScenario> Group(IEnumerable<PeerRun> runs) =>
        [.. runs.GroupBy(run => (run.Cache, run.Scenario)).Select(group => new PeerScenario(group.Key.Cache, group.Key.Scenario, group))];

    public static bool IsCeiling(string program) => ceilings.Contains(program);

    /// <summary>The fastest of those that only read or write; null if none ran.</summary>
    public string? Ceiling => Programs.FirstOrDefault(IsCeiling);

    public PeerFigure Seconds(string program) => PeerFigure.Of(runs[program].Select(run => run.Seconds));

    public PeerFigure CpuSeconds(string program) => PeerFigure.Of(runs[program].Select(run => run.CpuSeconds));

    public PeerFigure PeakMiB(string program) => PeerFigure.Of(runs[program].Select(run => run.PeakKiB / 1024.0));

    public PeerFigure StoredMiB(string program) => PeerFigure.Of(runs[program].Select(run => run.StoredBytes / 1048576.0));

    /// <summary>How many times the speed of another program this one has: the median of the rounds, each by itself.</summary>
    public double SpeedOver(string program, string other)
    {
        var theirs = runs[other].ToDictionary(run => run.Round, run => run.Seconds);
        var pairs = runs[program].Where(run => theirs.ContainsKey(run.Round)).Select(run => theirs[run.Round] / run.Seconds);
        return PeerFigure.Of(pairs.DefaultIfEmpty(double.NaN)).Median;
    }
}
