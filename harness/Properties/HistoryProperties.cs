using Tidemark.Harness.Support;

namespace Tidemark.Harness.Properties;

/// <summary>
/// Histories of random operations: every image of every chain restores bit for bit, stores exactly what changed, and
/// goes on where it was moved or copied.
/// </summary>
public class HistoryProperties
{
    [SeededProperty(60, all: 150, Arbitrary = [typeof(HistoryArbitrary)])]
    public void Every_image_of_every_history_restores_bit_for_bit_and_stores_what_changed(History history) =>
        HistoryRun.Check(history);
}
