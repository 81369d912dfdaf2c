using Tidemark.Engine;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.VirtualDisks.Vhd;
using Tidemark.Engine.Devices.VirtualDisks.Vhdx;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Exporting;

/// <summary>Exports that hold only what differs from a base: differencing VHDs and VHDXs, qcow2 with a backing file.</summary>
public sealed class BaseTests
{
    private const int MiB = 1 << 20;

    [Theory]
    [InlineData("vhd", null, 4096)]
    [InlineData("vhd", 512L << 10, 65536)]
    [InlineData("vhdx", null, 4096)]
    [InlineData("vhdx", 1L << 20, 65536)]
    [InlineData("qcow2", null, 4096)]
    [InlineData("qcow2", 4096L, 65536)]
    public void A_chain_of_exports_holds_every_point(string extension, long? unit, int chainBlock)
    {
        using var fixture = History((10 * MiB) + 512, chainBlock);
        fixture.Export(fixture.Image(1), $"1.{extension}", blockSize: unit);
        for (var i = 2; i <= 4; i++)
        {
            var result = fixture.Export(fixture.Image(i), $"{i}.{extension}", onBase: $"{i - 1}.{extension}", blockSize: unit);
            Assert.Equal(i - 1, result.BaseSequence);
            Assert.InRange(result.WrittenBytes, 1, 2 * MiB);
        }

        // The other way about, and over some in between: contents are compared, whoever descends from whom.
        fixture.Export(fixture.Image(1), $"back.{extension}", onBase: $"4.{extension}", blockSize: unit);
        fixture.Export(fixture.Image(4), $"far.{extension}", onBase: $"1.{extension}", blockSize: unit);
        foreach (var (name, point) in new[] { ("2", 2), ("3", 3), ("4", 4), ("back", 1), ("far", 4) })
        {
            Judge(fixture, $"{name}.{extension}", extension, fixture.At(point));
        }
    }

    [Theory]
    [InlineData("vhd")]
    [InlineData("vhdx")]
    public void Differencing_disks_read_as_libvhdi_reads_them(string extension)
    {
        Tool.Require("vhdimount", "fusermount3");
        Assert.SkipUnless(File.Exists("/dev/fuse"), "FUSE is needed");
        using var fixture = new ExportFixture(8 * MiB);
        fixture.Write(0, 3 * MiB, 1);
        fixture.Write(5 * MiB, MiB, 2);
        fixture.Backup();

        // libvhdi (20210425) takes all sectors of a byte of the bitmap behind the first present one for present, so what is
        // changed here ends at such bytes; and zeros have content below them.
        fixture.Write(MiB, 96 << 10, 3);
        fixture.Write(2 * MiB, 32 << 10, 0);
        fixture.Write((4 * MiB) + 4096, 4096, 4);
        fixture.Backup();
        fixture.Export(fixture.Image(1), $"1.{extension}");
        fixture.Export(fixture.Image(2), $"2.{extension}", onBase: $"1.{extension}");
        var mount = fixture.Folder.Folder("mount");
        Tool.Run("vhdimount", fixture.Folder.At($"2.{extension}"), mount);
        try
        {
            var newest = Directory.GetFiles(mount).Order(StringComparer.Ordinal).Last();
            var its = File.ReadAllBytes(newest);
            var same = fixture.At(2).AsSpan().CommonPrefixLength(its);
            Assert.True(same == its.Length, $"{newest} differs at byte {same}");
        }
        finally
        {
            Tool.Run("fusermount3", "-u", mount);
        }
    }

    [Theory]
    [InlineData("vhdx")]
    [InlineData("qcow2")]
    public void A_volume_that_grew_or_shrank_builds_on_its_base(string extension)
    {
        using var fixture = new ExportFixture((5 * MiB) + 5120);
        fixture.Write(0, fixture.Size, 1);
        fixture.Backup();
        fixture.Resize((7 * MiB) + 1024);
        fixture.Write(6 * MiB, 5000, 2);
        fixture.Backup();
        fixture.Resize(3 * MiB);
        fixture.Backup();
        fixture.Export(fixture.Image(1), $"1.{extension}");
        fixture.Export(fixture.Image(2), $"2.{extension}", onBase: $"1.{extension}");
        fixture.Export(fixture.Image(3), $"3.{extension}", onBase: $"2.{extension}");
        Judge(fixture, $"2.{extension}", extension, fixture.At(2));
        Judge(fixture, $"3.{extension}", extension, fixture.At(3));
    }

    [Fact]
    public void A_base_is_checked_to_be_one()
    {
        using var fixture = History(3 * MiB, null);
        fixture.Export(fixture.Image(1), "1.vhd");
        fixture.Export(fixture.Image(1), "1.vhdx");
        fixture.Export(fixture.Image(1), "1.qcow2");
        fixture.Export(fixture.Image(1), "1.raw");
        Refused("2.vhdx", "1.vhd", "is no VHDX");
        Refused("2.vhd", "1.vhdx", "is no VHD");
        Refused("2.vhd", "1.raw", "is no VHD");
        Refused("2.qcow2", "1.vhd", "is no qcow2");
        Refused("2.raw", "1.raw", "Only vhd, vhdx and qcow2");
        Refused("1.vhd", "1.vhd", "its own base");
        using var other = History(3 * MiB, null);
        other.Export(other.Image(1), "other.vhdx");
        File.Copy(other.Folder.At("other.vhdx"), fixture.Folder.At("other.vhdx"));
        Refused("2.vhdx", "other.vhdx", "isn't what was exported from an image of");
        Tool.Require("qemu-io");

        // qemu gives a VHDX that it writes to a new data write GUID, as everybody has to.
        Tool.Run("qemu-io", "-f", "vhdx", "-c", "write -P 7 0 512", fixture.Folder.At("1.vhdx"));
        Refused("2.vhdx", "1.vhdx", "or was changed since");
        fixture.Resize(4 * MiB);
        fixture.Backup();
        var e = Assert.Throws<TidemarkException>(() => fixture.Export(fixture.Image(5), "5.vhd", onBase: "1.vhd"));
        Assert.Contains("the size of its parent", e.Message, StringComparison.Ordinal);

        void Refused(string file, string below, string words)
        {
            var refusal = Assert.Throws<TidemarkException>(() => fixture.Export(fixture.Image(2), file, onBase: below));
            Assert.Equal(TidemarkError.WrongUse, refusal.Error);
            Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Children_find_their_parents_wherever_both_are_moved()
    {
        using var fixture = History(3 * MiB, null);
        Directory.CreateDirectory(fixture.Folder.At("bases"));
        Directory.CreateDirectory(fixture.Folder.At("children"));
        foreach (var extension in new[] { "vhd", "vhdx", "qcow2" })
        {
            fixture.Export(fixture.Image(1), $"bases/one.{extension}");
            fixture.Export(fixture.Image(2), $"children/two.{extension}", onBase: $"bases/one.{extension}");
            Judge(fixture, $"children/two.{extension}", extension, fixture.At(2));
        }

        Directory.CreateDirectory(fixture.Folder.At("moved"));
        Directory.Move(fixture.Folder.At("bases"), fixture.Folder.At("moved", "bases"));
        Directory.Move(fixture.Folder.At("children"), fixture.Folder.At("moved", "children"));
        foreach (var extension in new[] { "vhd", "vhdx", "qcow2" })
        {
            Judge(fixture, $"moved/children/two.{extension}", extension, fixture.At(2));
        }
    }

    internal static ExportFixture History(int size, int? chainBlock)
    {
        var fixture = new ExportFixture(size, chainBlock);
        fixture.Write(0, size / 2, 1);
        fixture.Write(size - 5000, 5000, 2);
        fixture.Backup();
        fixture.Write(123_456, 40_000, 3);
        fixture.Write(MiB, 70_000, 0);
        fixture.Backup();
        fixture.Write(size - 600, 600, 4);
        fixture.Write(size - 300_000, 200_000, 5);
        fixture.Backup();

        // Back to what image 1 held, and a whole block of a virtual disk becomes zeros.
        fixture.At(1).AsSpan(123_456, 40_000).CopyTo(fixture.Content.AsSpan(123_456));
        using (var file = new FileStream(fixture.Source, FileMode.Open, FileAccess.Write))
        {
            file.Position = 123_456;
            file.Write(fixture.Content, 123_456, 40_000);
        }

        fixture.Write(size / 8 * 3, size / 8, 0);
        fixture.Write(5, 5, 6);
        fixture.Backup();
        return fixture;
    }

    internal static void Judge(ExportFixture fixture, string file, string extension, byte[] content)
    {
        if (extension == "qcow2")
        {
            fixture.AssertInQemu(content, file, "qcow2");
            Assert.Contains("No errors", Tool.Run("qemu-img", "check", fixture.Folder.At(file)).Output, StringComparison.Ordinal);
            return;
        }

        fixture.AssertDisk(content, file);
        using var device = RawDevice.OpenRead(fixture.Folder.At(file));
        Assert.Empty(extension == "vhd" ? VhdChecker.Check(device) : VhdxChecker.Check(device));
    }
}
