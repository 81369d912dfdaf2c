namespace Tidemark.Bench.TraceReport;

/// <summary>What bounds a run, in words: the stage that works most of its time, or the device that others wait for.</summary>
internal static class Verdict
{
    /// <summary>A stage, or a device, that is taken this share of the time leaves nothing to gain elsewhere.</summary>
    private const double Bound = 0.8;

    public static string Of(Run run)
    {
        var stages = run.Stages.Where(s => s.Name is not ("prepare" or "commit" or "other") && s.Total > 0).ToList();
        var busiest = stages.MaxBy(s => s.BusyShare);
        if (busiest is null)
        {
            return "Nothing is known of its stages: record with the keyword 2, level 5.";
        }

        if (busiest.BusyShare >= Bound)
        {
            return $"Stage {busiest.Name} bounds it: busy {busiest.BusyShare:P0} of its time on {Threads(busiest)}.";
        }

        (string Device, double Share)[] devices =
        [
            ("The rate that was asked for", stages.Max(s => s.RateWait / s.Total)),
            ("The source's device", Share(stages, "scan", s => s.InputWait)),
            ("The store's device, written,", Share(stages, "write", s => s.OutputWait)),
            ("The store's device, read,", StoreReads(run, stages)),
            ("The target's device", Share(stages, "restore", s => s.OutputWait)),
        ];
        var slowest = devices.MaxBy(d => d.Share);
        return slowest.Share > busiest.BusyShare
            ? $"{slowest.Device} bounds it most: waited for {slowest.Share:P0} of the time; the busiest stage is {busiest.Name}, {busiest.BusyShare:P0} on {Threads(busiest)}."
            : $"No stage bounds it alone: the busiest is {busiest.Name}, {busiest.BusyShare:P0} of its time on {Threads(busiest)}.";
    }

    public static string Threads(Stage stage) => stage.Threads == 1 ? "1 thread" : $"{stage.Threads} threads";

    /// <summary>Workers that bring frames back read them themselves, each its own; other stages read little.</summary>
    private static double StoreReads(Run run, List<Stage> stages)
    {
        var workers = stages.Where(s => s.Name is "fill" or "prove").ToList();
        return workers.Count == 0 ? 0 : Math.Max(0, run.StoreReads.Nanoseconds - workers.Sum(s => s.RateWait)) / workers.Sum(s => s.Total);
    }

    private static double Share(IEnumerable<Stage> stages, string name, Func<Stage, double> wait) =>
        stages.Where(s => s.Name == name).Select(s => wait(s) / s.Total).FirstOrDefault();
}
