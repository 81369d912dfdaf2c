using System.Globalization;
using Tidemark.Engine.Allocation;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Allocation;

/// <summary>What partclone calls used on a volume: the domain log that it writes for ddrescue.</summary>
internal static class DomainLog
{
    /// <summary>The ranges that it would copy, in bytes.</summary>
    public static List<(long Start, long End)> Used(string tool, string volume, TempFolder folder)
    {
        Tool.Require(tool);
        var log = folder.At($"{Guid.NewGuid():N}.domain");
        Tool.Run(tool, "--domain", "--source", volume, "--output", log, "--logfile", folder.At($"{Guid.NewGuid():N}.log"));
        return [.. File.ReadLines(log).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words is [_, _, "+"]).Select(words => (Number(words[0]), Number(words[0]) + Number(words[1])))];
    }

    /// <summary>Fails with the first place that partclone calls used and the map free, or the other way round.</summary>
    public static void AssertSame(VolumeStates states, List<(long Start, long End)> used)
    {
        var at = 0;
        foreach (var extent in states.Extents)
        {
            while (at < used.Count && used[at].End <= extent.Offset)
            {
                at++;
            }

            if (extent.State == AllocationState.Free)
            {
                Assert.True(at == used.Count || used[at].Start >= extent.End, $"{extent} is free, and used by partclone's log.");
            }
            else
            {
                Assert.True(at < used.Count && used[at].Start <= extent.Offset && used[at].End >= extent.End, $"{extent} isn't in one piece of partclone's log.");
            }
        }
    }

    private static long Number(string text) => long.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
