using System.Buffers.Binary;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using static Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Booting;

/// <summary>Machines that are imaged through several increments and boot from each of them.</summary>
public sealed class BootTests : IDisposable
{
    /// <summary>What a machine that lives, and one that says why it doesn't, never need.</summary>
    private const string Seconds = "400";

    private readonly TempFolder folder = new("boot");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_point_in_time_of_a_machine_boots_and_proves_which_it_is()
    {
        BootDisk.Require();
        Assert.SkipUnless(Directory.Exists("/usr/share/OVMF"), "Needs EFI firmware for virtual machines (package ovmf).");
        var disk = new BootDisk(folder);
        var says = new List<string>();
        var chain = "";
        foreach (var point in new[] { 1, 2, 3 })
        {
            says.Add(disk.Become(point));
            chain = Backup(disk.Path, folder.At("store")).Text("chain");
        }

        var images = Directory.GetFiles(chain).ToDictionary(file => file, File.ReadAllBytes);
        Check(1);
        Check(2, "--efi");
        var picture = folder.At("screen.png");
        Check(3, "--screenshot", picture);

        using var png = File.OpenRead(picture);
        var head = new byte[24];
        png.ReadExactly(head);
        Assert.Equal("PNG\r\n\x1a\n"u8.ToArray(), head[1..8]);
        Assert.InRange(BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(16)), 320, 4096);
        // The guests wrote to their disks, and nothing of it went to the chain.
        Assert.All(images, image => Assert.Equal(image.Value, File.ReadAllBytes(image.Key)));

        void Check(int point, params string[] more)
        {
            var result = TidemarkCli.Run(
                ["bootcheck", $"{chain}@{point}", "--bus", "virtio", "--memory", "256M", "--timeout", Seconds, "--expect", says[point - 1], "--json", .. more])
                .Succeeded().Result;
            Assert.True(result.GetProperty("alive").GetBoolean());
            Assert.Equal(point, result.Number("sequence"));
            Assert.Equal(more.Contains("--efi") ? "efi" : "bios", result.Text("firmware"));
            Assert.InRange(result.Number("guestReadBytes"), 10_000_000, 1 << 30);
            Assert.Contains(result.GetProperty("console").EnumerateArray(), line => line.GetString() == says[point - 1]);
        }
    }

    [Fact]
    public void A_disk_without_anything_to_boot_is_dead_and_the_reason_is_told()
    {
        OnlyOn.Linux();
        Tool.Require("qemu-system-x86_64");
        var image = Backup(Noise(folder, "disk.img", 3 << 20), folder.At("store")).At(1);
        var dead = TidemarkCli.Run("bootcheck", image, "--memory", "64M", "--timeout", Seconds, "--json").EndedWith(Failed).Result;
        Assert.False(dead.GetProperty("alive").GetBoolean());
        Assert.Contains("nothing to boot", dead.Text("reason"), StringComparison.Ordinal);
        var people = TidemarkCli.Run("bootcheck", image, "--memory", "64M", "--timeout", Seconds).EndedWith(Failed);
        Assert.Contains("doesn't boot", people.Process.Output, StringComparison.Ordinal);
        Assert.Contains("No bootable device", people.Process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_qemu_the_package_is_named()
    {
        OnlyOn.Linux();
        Assert.SkipWhen(File.Exists("/usr/sbin/qemu-system-x86_64"), "QEMU lies where every user's programs are looked for.");
        var image = Backup(Noise(folder, "disk.img", 100_000), folder.At("store")).At(1);
        var result = TidemarkCli.Run(
            ["bootcheck", image, "--json"], new Dictionary<string, string?> { ["PATH"] = folder });
        Assert.Contains("qemu-system-x86", result.Refused(Failed, "failed"), StringComparison.Ordinal);
    }
}
