using System.Diagnostics;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Stores;
using Tidemark.Harness.Engine;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>The ways of a restore that need nothing but files, on every system.</summary>
[DiffersBySystem]
public sealed class RestoreAnywhereTests : IDisposable
{
    private const int Size = 8 << 20;

    private readonly TempFolder folder = new("anywhere");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_restore_whose_process_is_ended_goes_on()
    {
        var source = Cli.Noise(folder, "source", Size);
        var chain = Cli.Backup(source, folder.At("store")).Text("chain");
        var target = folder.At("target");
        var (program, leading) = TidemarkCli.Command;
        var start = new ProcessStartInfo(program, [.. leading, "restore", chain, target, "--resume", "--json", "--max-rate", "1M"])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using (var process = Process.Start(start)!)
        {
            // A quarter is there, and the rest takes seconds.
            Assert.Contains("\"progress\"", process.StandardOutput.ReadLine(), StringComparison.Ordinal);
            while (!process.HasExited && !HasContent(target, Size / 4))
            {
                Thread.Sleep(20);
            }

            process.Kill();
            Assert.True(process.WaitForExit(Patience.Limit), "the run doesn't end");
        }

        TidemarkCli.Run("restore", chain, target, "--json").Refused(Cli.WrongUse, "wrongUse");
        var result = TidemarkCli.Run("restore", chain, target, "--resume", "--json").Succeeded().Result;
        Assert.True(result.GetProperty("resumed").GetBoolean());
        Assert.InRange(result.Number("writtenBytes"), 1, Size - 1);
        Assert.Equal(FileTree.Hash(source), FileTree.Hash(target));
    }

    [Fact]
    public void What_there_is_of_a_point_is_salvaged()
    {
        var source = Cli.Noise(folder, "source", Size);
        var store = folder.At("store");
        var first = Cli.Backup(source, store);
        Cli.Overwrite(source, 1 << 20, 100_000, 2);
        Cli.Backup(source, store);
        Cli.Overwrite(source, 3 << 20, 1 << 20, 3);
        Cli.Backup(source, store);
        File.Delete(Path.Combine(first.Text("chain"), "000002.tdi"));
        var target = folder.At("target");
        TidemarkCli.Run("restore", first.At(3), target, "--json").Refused(Cli.Damaged, "damaged");
        Assert.False(File.Exists(target));
        var result = TidemarkCli.Run("restore", first.At(3), target, "--salvage", "--json").EndedWith(Cli.Damaged).Result;
        var (expected, rescued) = (File.ReadAllBytes(source), File.ReadAllBytes(target));
        Assert.True(rescued.AsSpan(3 << 20, 1 << 20).SequenceEqual(expected.AsSpan(3 << 20, 1 << 20)));
        foreach (var range in result.GetProperty("damaged").EnumerateArray())
        {
            rescued.AsSpan((int)range.Number("offset"), (int)range.Number("length")).CopyTo(expected.AsSpan((int)range.Number("offset")));
            Assert.Equal(-1, rescued.AsSpan((int)range.Number("offset"), (int)range.Number("length")).IndexOfAnyExcept((byte)0));
        }

        Assert.True(rescued.AsSpan().SequenceEqual(expected), "something else than what is listed is lost");
    }

    [Fact]
    public void A_point_with_unreadable_sectors_is_refused_or_marked_as_asked()
    {
        var content = new byte[300_000];
        new Random(1).NextBytes(content);
        var device = new MemoryDevice((byte[])content.Clone());
        device.Fail(51_200, 1024);
        var fixture = new ChainFixture(
            LocalStoreFolder.Open(folder.Folder("chain")), 4096, HashAlgorithm.Xxh128, Codec.Zstd, null, seed: 1);
        fixture.Backup(device, ImageKind.Full);
        var target = folder.At("target");
        TidemarkCli.Run("restore", folder.At("chain"), target, "--unreadable", "fail", "--json").Refused(Cli.Failed, "failed");
        Assert.False(File.Exists(target));
        var result = TidemarkCli.Run("restore", folder.At("chain"), target, "--json").EndedWith(Cli.Unreadable).Result;
        Assert.Equal(1024, result.Number("unreadableBytes"));
        SectorBisection.FillPattern(content.AsSpan(51_200, 512));
        SectorBisection.FillPattern(content.AsSpan(51_712, 512));
        Assert.Equal(content, File.ReadAllBytes(target));
    }

    private static bool HasContent(string path, long offset)
    {
        // Not as a stream, which would ask for a lock that the restore has.
        using var file = RawDevice.OpenRead(path);
        var bytes = new byte[4096];
        file.ReadAt(offset, bytes);
        return bytes.AsSpan().ContainsAnyExcept((byte)0);
    }
}
