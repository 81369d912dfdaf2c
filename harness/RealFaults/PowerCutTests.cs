using System.Globalization;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using TestCli = Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.RealFaults;

/// <summary>
/// Judges what a virtual machine recorded (<c>harness/vm-crash</c>): the disk as a power cut would have left it, at each
/// flush and with random parts of what was written since the last one.
/// </summary>
public sealed class PowerCutTests : IDisposable
{
    private readonly TempFolder place = new("cuts");

    public void Dispose() => place.Dispose();

    [Fact]
    public void After_a_power_cut_anywhere_every_committed_image_restores_and_the_next_backup_goes_on()
    {
        var folder = Environment.GetEnvironmentVariable("TIDEMARK_CRASH_LOG");
        Assert.SkipWhen(string.IsNullOrEmpty(folder), "Needs what a virtual machine recorded: harness/vm-crash.");
        Root.Require();
        var random = Seed.Random();
        var entries = WriteLog.Read(Path.Combine(folder!, "log")).Entries;
        var flushes = Enumerable.Range(0, entries.Count).Where(i => entries[i].IsFlush || entries[i].IsFua).ToArray();
        Assert.True(flushes.Length > 20, $"{flushes.Length} flushes in {entries.Count} entries");
        var cuts = int.Parse(Environment.GetEnvironmentVariable("TIDEMARK_CRASH_CUTS") ?? "200", CultureInfo.InvariantCulture);
        var (atFlush, torn, compared, went) = (0, 0, 0, 0);
        for (var cut = 0; cut < cuts; cut++)
        {
            // Evenly over the log, so that few cuts meet every stage; every other loses a part of what wasn't flushed.
            var flush = flushes[(int)((long)cut * flushes.Length / cuts)];
            var disk = place.At("disk");
            File.Copy(Path.Combine(folder!, "before"), disk, overwrite: true);
            using (var file = new FileStream(disk, FileMode.Open, FileAccess.ReadWrite))
            {
                Build(file, entries, flush, cut % 2 == 1 ? random : null);
            }

            _ = cut % 2 == 1 ? torn++ : atFlush++;
            var promised = entries.Take(flush + 1).Count(entry => entry.Name?.StartsWith("image", StringComparison.Ordinal) == true);
            compared += Judge(disk, folder!, promised, $"cut {cut} at entry {flush}");
            went++;
        }

        FaultRun.Tell(
            $"power cuts: {entries.Count} recorded entries, {flushes.Length} of them flushes or FUA; {atFlush} cuts at a flush, {torn} with a random "
            + $"part of the writes behind it; {went} next backups, {compared} restores compared bit for bit");
    }

    // Everything up to the flush; then, if torn, a random part of what came after it up to the next one, by sectors.
    private static void Build(FileStream disk, IReadOnlyList<WriteLog.Entry> entries, int flush, Random? torn)
    {
        for (var i = 0; i <= flush; i++)
        {
            entries[i].Apply(disk);
        }

        if (torn is null)
        {
            return;
        }

        var keep = torn.NextDouble();
        for (var i = flush + 1; i < entries.Count && !entries[i].IsFlush; i++)
        {
            if (torn.NextDouble() < keep)
            {
                var whole = torn.Next(4) > 0;
                entries[i].Apply(disk, whole ? null : () => torn.Next(2) == 0);
            }
        }
    }

    private int Judge(string disk, string folder, int promised, string cut)
    {
        var compared = 0;
        var mounted = place.At("mounted");
        Directory.CreateDirectory(mounted);
        using var mount = Mount.OfFile(disk, 0, 0, mounted, "ext4");
        var chain = Path.Combine(mounted, "c");
        var images = Directory.Exists(chain)
            ? Directory.GetFiles(chain, "??????.tdi").Select(file => int.Parse(Path.GetFileName(file)[..6], CultureInfo.InvariantCulture)).Order().ToArray()
            : [];
        Assert.True(images.SequenceEqual(Enumerable.Range(1, images.Length)), $"{cut}: images {string.Join(", ", images)}");
        Assert.True(images.Length >= promised, $"{cut}: {promised} were told to be done, {images.Length} are there");
        foreach (var image in images)
        {
            Compare(image);
        }

        // The machine that was cut off is another one, so its lock is removed on request; then the next run goes on, and
        // clears away what was left.
        if (Directory.Exists(chain))
        {
            TidemarkCli.Run("unlock", chain, "--force").Succeeded();
        }

        File.Copy(Path.Combine(folder, "source4"), place.At("source"), overwrite: true);
        var next = TestCli.Backup(place.At("source"), mounted, "--chain", "c", "--adopt", "--compress", "none").Number("sequence");
        Assert.Equal(images.Length + 1, next);
        Assert.Empty(Directory.GetFiles(chain, "*.tmp"));
        TidemarkCli.Run("verify", chain).Succeeded();
        return compared;

        void Compare(int image)
        {
            var result = TidemarkCli.Run("restore", $"{chain}@{image}", place.At("restored"), "--force");
            Assert.True(result.ExitCode == TestCli.Done, $"{cut}: image {image}: {result.Error}");
            Assert.True(
                FileTree.Hash(Path.Combine(folder, $"source{image}")) == FileTree.Hash(place.At("restored")), $"{cut}: image {image} is another");
            compared++;
        }
    }
}
