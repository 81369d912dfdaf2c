using System.Globalization;
using System.Text;

namespace Tidemark.Harness.Simulation;

/// <summary>What simulations did, counted by kind: the figures of the page of what is promised.</summary>
internal sealed class Tally
{
    private readonly long[] faults = new long[Enum.GetValues<FaultKind>().Length];
    private readonly long[] calls = new long[Enum.GetValues<IoKind>().Length];
    private readonly long[] operations = new long[Enum.GetValues<OperationKind>().Length];

    public long Histories { get; set; }

    /// <summary>Points in time restored and compared byte by byte.</summary>
    public long Restored { get; set; }

    /// <summary>Pairs of points that a diff compared, checked block by block.</summary>
    public long Compared { get; set; }

    /// <summary>Points that were named as damaged or lost, which only lying disks bring about.</summary>
    public long Named { get; set; }

    public long Operations => operations.Sum();

    public long Calls => calls.Sum();

    public long Crashes => faults[(int)FaultKind.PowerLoss] + faults[(int)FaultKind.Kill];

    public long Faults => faults.Sum();

    public void Count(FaultKind kind) => faults[(int)kind]++;

    public long Of(FaultKind kind) => faults[(int)kind];

    public void Count(IoKind kind) => calls[(int)kind]++;

    public void Count(OperationKind kind) => operations[(int)kind]++;

    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"histories {Histories}, operations {Operations}, calls to stores and devices {Calls}");
        text.AppendLine(CultureInfo.InvariantCulture, $"crash points {Crashes}, faults that struck {Faults}");
        text.AppendLine(CultureInfo.InvariantCulture, $"points in time restored and compared {Restored}, named as damaged or lost {Named}; pairs compared by diff {Compared}");
        text.AppendLine("operations: " + Listed<OperationKind>(operations));
        text.AppendLine("faults: " + Listed<FaultKind>(faults));
        text.Append("calls: " + Listed<IoKind>(calls));
        return text.ToString();
    }

    private static string Listed<T>(long[] counts)
        where T : struct, Enum =>
        string.Join(", ", Enum.GetValues<T>().Select((kind, i) => string.Create(CultureInfo.InvariantCulture, $"{kind} {counts[i]}")));
}
