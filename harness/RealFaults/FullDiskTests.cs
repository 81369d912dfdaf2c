using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using TestCli = Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.RealFaults;

/// <summary>A file system that is full at every stage of a backup.</summary>
public sealed class FullDiskTests : IDisposable
{
    private const int SourceBytes = 4 << 20;

    private readonly TempFolder place = new("full");

    public void Dispose() => place.Dispose();

    [Theory]
    [InlineData("ext4", 64)]
    [InlineData("xfs", 320)]
    public void A_full_disk_is_an_error_with_advice_and_leaves_the_old_tip_and_no_leftovers(string fileSystem, int mebibytes)
    {
        var random = Seed.Random($"full {fileSystem}");
        using var mount = SmallMount.Make(place, fileSystem, (long)mebibytes << 20);
        using var store = new StoreOnDisk(place, mount.Path, SourceBytes, random);
        store.Begin();
        var ballast = Path.Combine(mount.Path, "ballast");
        var refused = 0;
        var rounds = FaultRun.Rounds(5);
        for (var round = 0; round < rounds; round++)
        {
            store.Change(0.9);

            // The first rounds hit the lock, the header and the first frames, the others any stage; what a run needs in
            // all is about the source's size.
            Fill(ballast, round switch { 0 => 0, 1 => 8 << 10, 2 => 64 << 10, _ => random.Next(SourceBytes + (1 << 20)) });
            var result = TidemarkCli.Run(store.Arguments(round % 2 == 0 ? [] : ["--split", "1M"]));
            if (result.ExitCode != TestCli.Done)
            {
                refused++;
                var message = result.Refused(TestCli.Failed, "failed");
                Assert.Contains("No space left", message, StringComparison.Ordinal);
                Assert.Contains("Make room", message, StringComparison.Ordinal);
                Assert.DoesNotContain(Directory.GetFiles(store.Chain), file => file.EndsWith(".tmp", StringComparison.Ordinal));
            }

            Assert.Equal(result.ExitCode == TestCli.Done, store.Check());
            File.Delete(ballast);
            if (store.Images > 5)
            {
                store.Renew();
            }
        }

        store.End();
        Assert.True(refused > 0, "the file system was never full");
        FaultRun.Tell($"full disk on {fileSystem}: {rounds} backups, {refused} refused; {store.Compared} restores compared bit for bit");
    }

    // Takes all room but so many bytes.
    private static void Fill(string path, long leave)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 0);
        var chunk = new byte[1 << 20];
        Random.Shared.NextBytes(chunk);
        for (var size = chunk.Length; size >= 512; size /= 2)
        {
            try
            {
                while (true)
                {
                    file.Write(chunk.AsSpan(0, size));
                }
            }
            catch (IOException)
            {
                // Full for writes of that size.
                continue;
            }
        }

        file.SetLength(Math.Max(0, file.Length - leave));
        file.Flush(flushToDisk: true);
    }
}
