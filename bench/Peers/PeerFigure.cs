namespace Tidemark.Bench.Peers;

/// <summary>Median and spread of one figure over the rounds.</summary>
internal readonly record struct PeerFigure(double Least, double Median, double Most)
{
    public static PeerFigure Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        var median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new PeerFigure(sorted[0], median, sorted[^1]);
    }
}
