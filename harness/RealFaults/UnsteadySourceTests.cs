using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using TestCli = Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.RealFaults;

/// <summary>Sources that fail now and then, and files that shrink or grow while they are read.</summary>
public sealed class UnsteadySourceTests : IDisposable
{
    private const int SourceBytes = 16 << 20;

    private readonly TempFolder place = new("unsteady");

    public void Dispose() => place.Dispose();

    [Theory]
    [InlineData("10%")]
    [InlineData("80%")]
    public void Reads_that_fail_only_sometimes_cost_no_more_than_the_sectors_that_are_listed(string rate)
    {
        Root.Require();
        Tool.Require("nbdkit", "nbdfuse", "umount");
        Assert.SkipUnless(File.Exists("/dev/fuse"), "Needs FUSE (/dev/fuse isn't there).");
        var disk = TestCli.Noise(place, "disk", SourceBytes, Seed.Random($"sometimes {rate}").Next());
        var unreadable = 0L;
        using (var served = FailingFile.Serve(place, disk, rate))
        {
            File.WriteAllText(served.Flag, "");
            var result = TidemarkCli.Run("backup", served.Path, "--to", place.At("store"), "--json").EndedWith(TestCli.Done, TestCli.Unreadable).Result;
            unreadable = result.Number("unreadableBytes");

            // A sector is given up when it failed alone and within each larger read, which rarely happens at one in ten.
            Assert.True(unreadable > 0 || rate == "10%", "no read failed");
            Assert.Equal(unreadable > 0 ? TestCli.Unreadable : TestCli.Done, (int)result.Number("exitCode"));
            var chain = result.Text("chain");
            TidemarkCli.Run("verify", chain).Succeeded();
            TidemarkCli.Run("restore", chain, place.At("restored"), "--json").EndedWith(TestCli.Done, TestCli.Unreadable);
            var expected = File.ReadAllBytes(disk);
            var found = File.ReadAllBytes(place.At("restored"));
            foreach (var range in result.GetProperty("unreadable").EnumerateArray())
            {
                var (offset, length) = ((int)range.Number("offset"), (int)range.Number("length"));
                expected.AsSpan(offset, length).CopyTo(found.AsSpan(offset));
            }

            Assert.True(expected.AsSpan().SequenceEqual(found), "something else than the listed ranges is wrong");

            // Once the source is well again, so is the next image.
            File.Delete(served.Flag);
            Assert.Equal(2, TidemarkCli.Run("backup", served.Path, "--to", place.At("store"), "--json").Succeeded().Result.Number("sequence"));
            TidemarkCli.Run("restore", chain, place.At("restored"), "--force").Succeeded();
            Assert.Equal(FileTree.Hash(disk), FileTree.Hash(place.At("restored")));
        }

        FaultRun.Tell($"source with {rate} of reads failing: {unreadable} of {SourceBytes} bytes unreadable, all listed, all read the next time");
    }

    [Fact]
    public void A_file_that_shrinks_while_it_is_read_is_an_error_or_unreadable_and_never_silent()
    {
        var random = Seed.Random();
        var (failed, marked, done) = (0, 0, 0);
        var rounds = FaultRun.Rounds(4);
        for (var round = 0; round < rounds; round++)
        {
            using var folder = new TempFolder("shrink");
            var source = TestCli.Noise(folder, "source", SourceBytes, random.Next());
            var before = File.ReadAllBytes(source);
            using var run = RunningCli.Start("backup", source, "--to", folder.At("store"), "--json", "--max-rate", "24M");
            Thread.Sleep(random.Next(100, 600));
            var left = random.Next(SourceBytes);
            using (var file = new FileStream(source, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            {
                file.SetLength(left);
            }

            var result = run.End();
            result.EndedWith(TestCli.Done, TestCli.Failed, TestCli.Unreadable);
            if (result.ExitCode == TestCli.Failed)
            {
                failed++;
                Assert.Contains(source, result.Last.Text("message"), StringComparison.Ordinal);
                Assert.DoesNotContain(
                    Directory.GetFiles(folder.At("store"), "*", SearchOption.AllDirectories),
                    name => name.Contains(".tdi", StringComparison.Ordinal));
                continue;
            }

            _ = result.ExitCode == TestCli.Done ? done++ : marked++;
            var chain = result.Result.Text("chain");
            TidemarkCli.Run("verify", chain).Succeeded();
            TidemarkCli.Run("restore", chain, folder.At("restored")).EndedWith(TestCli.Done, TestCli.Unreadable);
            var found = File.ReadAllBytes(folder.At("restored"));
            foreach (var range in result.Result.GetProperty("unreadable").EnumerateArray())
            {
                var (offset, length) = ((int)range.Number("offset"), (int)range.Number("length"));
                before.AsSpan(offset, length).CopyTo(found.AsSpan(offset));
            }

            // A run that began after the cut has a shorter source, and images that.
            Assert.True(before.AsSpan(0, found.Length).SequenceEqual(found), $"round {round}: wrong without a word");
            Assert.True(found.Length == before.Length || found.Length == left, $"{found.Length} bytes");
        }

        FaultRun.Tell($"source that shrinks: {rounds} runs, {failed} ended with an error, {marked} with unreadable ranges, {done} had read it before or after");
    }

    [Fact]
    public void A_file_that_grows_while_it_is_read_is_imaged_at_the_length_it_had()
    {
        var source = TestCli.Noise(place, "source", SourceBytes, Seed.Random().Next());
        var before = File.ReadAllBytes(source);
        using var run = RunningCli.Start("backup", source, "--to", place.At("store"), "--json", "--max-rate", "24M");
        while (!Directory.Exists(place.At("store")) || Directory.GetFiles(place.At("store"), "*.tmp", SearchOption.AllDirectories).Length == 0)
        {
            Assert.False(run.HasEnded, "the run ended before the file grew");
            Thread.Sleep(10);
        }

        using (var file = new FileStream(source, FileMode.Append, FileAccess.Write, FileShare.ReadWrite))
        {
            file.Write(new byte[3_000_001]);
        }

        var result = run.End().Succeeded().Result;
        Assert.Equal(SourceBytes, result.Number("sourceBytes"));
        TidemarkCli.Run("restore", result.Text("chain"), place.At("restored")).Succeeded();
        Assert.True(before.AsSpan().SequenceEqual(File.ReadAllBytes(place.At("restored"))));
        Assert.Equal(SourceBytes + 3_000_001, TestCli.Backup(source, place.At("store")).Number("sourceBytes"));
    }
}
