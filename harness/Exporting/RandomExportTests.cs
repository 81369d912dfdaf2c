using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Exporting;

/// <summary>Random histories as chains of exports, each on a base that is drawn: every point reads as it was.</summary>
public sealed class RandomExportTests
{
    private const int KiB = 1 << 10;
    private const int MiB = 1 << 20;

    /// <summary>Format, unit of allocation, the chain's block size.</summary>
    public static TheoryData<string, long, int> Shapes => new()
    {
        { "vhd", 512 * KiB, 4 * KiB },
        { "vhd", 2 * MiB, 1 * MiB },
        { "vhdx", 1 * MiB, 4 * KiB },
        { "vhdx", 4 * MiB, 64 * KiB },
        { "qcow2", 4 * KiB, 4 * KiB },
        { "qcow2", 64 * KiB, 16 * KiB },
        { "qcow2", 1 * MiB, 256 * KiB },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_point_reads_as_it_was(string extension, long unit, int chainBlock)
    {
        var random = Seed.Random($"export {extension} {unit} {chainBlock}");
        using var fixture = new ExportFixture(random.Next(1, 7 * MiB), chainBlock);
        const int Points = 4;
        for (var point = 1; point <= Points; point++)
        {
            for (var i = random.Next(1, 12); i > 0; i--)
            {
                var offset = random.Next(fixture.Size);
                var most = random.Next(3) == 0 ? fixture.Size : 40 * KiB;
                fixture.Write(offset, random.Next(1, Math.Min(most, fixture.Size - offset) + 1), random.Next(3));
            }

            fixture.Backup();
        }

        for (var point = 1; point <= Points; point++)
        {
            var below = point == 1 || random.Next(5) == 0 ? null : $"{random.Next(1, point)}.{extension}";
            fixture.Export(fixture.Image(point), $"{point}.{extension}", onBase: below, blockSize: unit);
        }

        for (var point = 1; point <= Points; point++)
        {
            BaseTests.Judge(fixture, $"{point}.{extension}", extension, fixture.At(point));
        }
    }
}
