using Tidemark.Engine.Devices;
using Tidemark.Engine.Serving;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Devices;
using Tidemark.Harness.Support;
using Xunit;
using static Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Serving;

/// <summary>An overlay over zeros as a device.</summary>
public class OverlayContractTests : BlockDeviceContract
{
    internal override BlockDevice OpenDevice(int length, out IDisposable keeper)
    {
        keeper = new MemoryStream();
        return OverlayDevice.OpenTemporary(new MemoryDevice(length));
    }
}

/// <summary>Overlays that are kept, below and through the command line.</summary>
public sealed class OverlayTests : IDisposable
{
    private const int Length = (8 << 20) + 512;

    private readonly TempFolder folder = new("overlay");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_was_written_is_there_again_and_what_lies_below_is_as_it_was()
    {
        var random = Seed.Random();
        var below = MemoryDevice.Random(Length, random.Next());
        var before = below.Content.ToArray();
        var model = before.ToArray();
        var (chainId, imageId) = (new Guid(1, 2, 3, new byte[8]), new Guid(4, 5, 6, new byte[8]));
        for (var round = 0; round < 4; round++)
        {
            using var overlay = OverlayDevice.OpenKept(below, chainId, imageId, 0, folder.At("kept"));
            for (var write = 0; write < 60; write++)
            {
                var offset = random.Next(Length);
                var length = random.Next(0, Math.Min(100_000, Length - offset));
                if (random.Next(3) == 0)
                {
                    overlay.WriteZeros(offset, length);
                    model.AsSpan(offset, length).Clear();
                }
                else
                {
                    random.NextBytes(model.AsSpan(offset, length));
                    overlay.WriteAt(offset, model.AsSpan(offset, length));
                }
            }

            var all = new byte[Length];
            overlay.ReadAt(0, all);
            Assert.True(all.AsSpan().SequenceEqual(model));
        }

        Assert.True(below.Content.SequenceEqual(before));
        Refuses(Guid.Empty, 0);
        Refuses(imageId, 512);
        var file = File.ReadAllBytes(folder.At("kept"));
        file[20] ^= 1;
        File.WriteAllBytes(folder.At("kept"), file);
        Refuses(imageId, 0);

        void Refuses(Guid image, long start) =>
            Assert.Throws<Tidemark.Engine.TidemarkException>(() => OverlayDevice.OpenKept(below, chainId, image, start, folder.At("kept")));
    }

    [Fact]
    public void A_writable_point_is_written_by_qemu_kept_and_imaged()
    {
        OnlyOn.Linux();
        Tool.Require("qemu-io", "nbdcopy", "cmp");
        var source = Noise(folder, "source", Length);
        var chain = Backup(source, folder.At("store")).Text("chain");
        var overlay = folder.At("kept");
        using (var served = ServeProcess.StartUnix(folder, chain, "--overlay", overlay))
        {
            Assert.True(served.Ready.GetProperty("writable").GetBoolean());
            Tool.Run(
                "qemu-io", "-f", "raw", "-c", "write -P 17 4096 65536", "-c", "write -z 1M 1M", "-c", "discard 3M 64k", "-c", "flush",
                "-c", "read -P 17 4096 65536", served.Uri);
            TidemarkCli.Run("serve", chain, "--unix", folder.At("other"), "--overlay", overlay, "--json").Refused(Failed, "failed");
            served.Terminate();
        }

        var expected = File.ReadAllBytes(source);
        expected.AsSpan(4096, 65536).Fill(17);
        expected.AsSpan(1 << 20, 1 << 20).Clear();
        expected.AsSpan(3 << 20, 64 << 10).Clear();
        File.WriteAllBytes(folder.At("expected"), expected);
        using (var served = ServeProcess.StartUnix(folder, chain, "--overlay", overlay))
        {
            Tool.Run("nbdcopy", served.Uri, folder.At("copy"));
            Tool.Run("cmp", folder.At("copy"), folder.At("expected"));
            var imaged = Backup(served.Uri, folder.At("store"), "--chain", Path.GetFileName(chain), "--adopt");
            Assert.Equal(2, imaged.Number("sequence"));
            TidemarkCli.Run("restore", imaged.At(2), folder.At("restored")).Succeeded();
            Tool.Run("cmp", folder.At("restored"), folder.At("expected"));
        }

        // The other image isn't the one that the overlay lies over.
        TidemarkCli.Run("serve", $"{chain}@2", "--unix", folder.At("other"), "--overlay", overlay, "--json").Refused(WrongUse, "wrongUse");
    }

    [Fact]
    public void What_is_written_to_a_throw_away_overlay_is_gone()
    {
        OnlyOn.Linux();
        Tool.Require("qemu-io", "nbdcopy", "cmp");
        var source = Noise(folder, "source", Length);
        var chain = Backup(source, folder.At("store")).Text("chain");
        using (var served = ServeProcess.StartUnix(folder, chain, "--writable"))
        {
            Tool.Run("qemu-io", "-f", "raw", "-c", "write -P 17 0 1M", "-c", "read -P 17 0 1M", served.Uri);
            Assert.True(served.Terminate()[^1].Number("writtenBytes") >= 1 << 20);
        }

        TidemarkCli.Run("restore", chain, folder.At("restored")).Succeeded();
        Tool.Run("cmp", folder.At("restored"), source);
    }
}
