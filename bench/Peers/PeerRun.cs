using System.Globalization;

namespace Tidemark.Bench.Peers;

/// <summary>One run of one program, a line of what <c>bench/peers</c> wrote.</summary>
internal sealed record PeerRun(
    int Round, string Cache, string Scenario, string Program, double Seconds, double CpuSeconds, long PeakKiB, long StoredBytes)
{
    public static IReadOnlyList<PeerRun> Read(string file) =>
        [.. File.ReadLines(file).Skip(1).Where(line => line.Length > 0).Select(Parse)];

    private static PeerRun Parse(string line)
    {
        var fields = line.Split('\t');
        double Number(int field) => double.Parse(fields[field], CultureInfo.InvariantCulture);
        return new PeerRun(
            (int)Number(0), fields[1], fields[2], fields[3], Number(4), Number(5), (long)Number(6), (long)Number(7));
    }
}
