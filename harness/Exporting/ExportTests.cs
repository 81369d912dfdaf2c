using Tidemark.Engine;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.VirtualDisks.Vhd;
using Tidemark.Engine.Devices.VirtualDisks.Vhdx;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.Exports;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Exporting;

/// <summary>Exported files are what the image holds: to the project's readers, to its checkers and to qemu.</summary>
public sealed class ExportTests
{
    private const int MiB = 1 << 20;

    /// <summary>Name, qemu's name of the format, and block size; the sizes below have no whole blocks, sectors or MiB.</summary>
    public static TheoryData<string, string, long?, int?> Kinds => new()
    {
        { "disk.raw", "raw", null, null },
        { "disk.vhd", "vpc", null, null },
        { "disk.vhd", "vpc", 512 << 10, 65536 },
        { "fixed.vhd", "vpc", null, null },
        { "disk.vhdx", "vhdx", null, null },
        { "disk.vhdx", "vhdx", 8 * MiB, 65536 },
        { "disk.qcow2", "qcow2", null, null },
        { "disk.qcow2", "qcow2", 4096, null },
        { "disk.qcow2", "qcow2", 2 * MiB, MiB },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_is_exported_is_the_image(string file, string qemu, long? unit, int? chainBlock)
    {
        using var fixture = History((21 * MiB) + 12345, chainBlock);
        ExportFormat? format = file == "fixed.vhd" ? ExportFormat.VhdFixed : null;
        for (var sequence = 1; sequence <= 2; sequence++)
        {
            var name = $"{sequence}-{file}";
            var result = fixture.Export(fixture.Image(sequence), name, format, blockSize: unit);
            var content = fixture.At(sequence);
            Assert.Equal(content.Length, result.SourceBytes);
            Assert.Equal(new FileInfo(fixture.Folder.At(name)).Length, result.FileBytes);
            Assert.Empty(result.Damaged);
            if (qemu == "raw")
            {
                Assert.Equal(content, File.ReadAllBytes(fixture.Folder.At(name)));
            }
            else if (qemu != "qcow2")
            {
                fixture.AssertDisk(content, name);
                using var device = RawDevice.OpenRead(fixture.Folder.At(name));
                Assert.Empty(qemu == "vpc" ? VhdChecker.Check(device) : VhdxChecker.Check(device));
            }

            var sector = qemu == "raw" ? 1 : 512;
            Assert.Equal((content.Length + sector - 1) / sector * sector, result.DiskBytes);
            fixture.AssertInQemu(content, name, qemu);
            if (qemu is "qcow2" or "vhdx")
            {
                Assert.Contains("No errors", Tool.Run("qemu-img", "check", "-f", qemu, fixture.Folder.At(name)).Output, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_same_image_gives_the_same_bytes(string file, string qemu, long? unit, int? chainBlock)
    {
        _ = qemu;
        using var fixture = History(9 * MiB, chainBlock);
        ExportFormat? format = file == "fixed.vhd" ? ExportFormat.VhdFixed : null;
        fixture.Export(fixture.Image(2), "one-" + file, format, blockSize: unit);
        var elsewhere = fixture.Folder.Folder("elsewhere");
        foreach (var image in Directory.GetFiles(fixture.Chain, "*.tdi"))
        {
            File.Copy(image, Path.Combine(elsewhere, Path.GetFileName(image)));
        }

        fixture.Export(elsewhere + "@2", "two-" + file, format, blockSize: unit);
        Assert.Equal(FileTree.Hash(fixture.Folder.At("one-" + file)), FileTree.Hash(fixture.Folder.At("two-" + file)));
    }

    [Theory]
    [InlineData("disk.raw")]
    [InlineData("disk.vhd")]
    [InlineData("disk.vhdx")]
    [InlineData("disk.qcow2")]
    public void Zeros_take_no_room(string file)
    {
        OnlyOn.Linux();
        using var fixture = new ExportFixture(256 * MiB);
        fixture.Write(3 * MiB, 4096, 5);
        fixture.Write(200 * MiB, 100, 6);
        fixture.Backup();
        fixture.Export(fixture.Image(1), file);
        var allocated = long.Parse(Tool.Run("stat", "-c", "%b", fixture.Folder.At(file)).Output) * 512;
        Assert.InRange(allocated, 4096, 5 * MiB);
        if (file is not "disk.raw")
        {
            // Nor when the file is copied by what knows no holes.
            Assert.InRange(new FileInfo(fixture.Folder.At(file)).Length, 4096, 9 * MiB);
        }
    }

    [Fact]
    public void An_empty_volume_is_a_raw_file_and_nothing_else()
    {
        using var fixture = new ExportFixture(0);
        fixture.Backup();
        fixture.Export(fixture.Chain, "disk.raw");
        Assert.Equal(0, new FileInfo(fixture.Folder.At("disk.raw")).Length);
        Refused(fixture, "disk.vhdx", null, "Export it as raw.");
    }

    [Fact]
    public void What_cannot_be_is_refused_and_leaves_nothing()
    {
        using var fixture = History(2 * MiB, null);
        Refused(fixture, "disk.vmdk", null, "there are raw, vhd, vhd-fixed, vhdx, qcow2");
        Refused(fixture, "disk", null, "what format it shall have");
        Refused(fixture, "disk.vhd", 1 * MiB, "524288 or 2097152");
        Refused(fixture, "disk.vhdx", 3 * MiB, "power of two");
        Refused(fixture, "disk.qcow2", 2048, "power of two");
        Refused(fixture, "disk.raw", 4096, "no blocks");
        File.WriteAllText(fixture.Folder.At("there.vhd"), "precious");
        Refused(fixture, "there.vhd", null, "is there already");
        Assert.Equal("precious", File.ReadAllText(fixture.Folder.At("there.vhd")));
        Directory.CreateDirectory(fixture.Folder.At("folder.vhd"));
        Refused(fixture, "folder.vhd", null, "is a folder");
        Assert.Empty(Directory.GetFiles(fixture.Folder, "disk*"));
    }

    [Fact]
    [Case("4.13")]
    public void What_an_export_left_that_was_killed_is_taken_over_and_nothing_else()
    {
        using var fixture = History(2 * MiB, null);
        File.WriteAllText(fixture.Folder.At("disk.raw" + ExportTarget.TemporaryExtension), "half of an export that was killed");
        File.WriteAllText(fixture.Folder.At("disk.raw.part"), "somebody's download");
        fixture.Export(fixture.Chain, "disk.raw");
        Assert.Equal(2 * MiB, new FileInfo(fixture.Folder.At("disk.raw")).Length);
        Assert.False(File.Exists(fixture.Folder.At("disk.raw" + ExportTarget.TemporaryExtension)));
        Assert.Equal("somebody's download", File.ReadAllText(fixture.Folder.At("disk.raw.part")));

        // One that goes on holds its file.
        using (RawDevice.Create(fixture.Folder.At("other.raw" + ExportTarget.TemporaryExtension), 0))
        {
            var refused = Assert.Throws<TidemarkException>(() => fixture.Export(fixture.Chain, "other.raw"));
            Assert.Equal(TidemarkError.Busy, refused.Error);
        }
    }

    [Fact]
    public void A_VHD_ends_at_2040_GiB_and_a_VHDX_at_64_TiB()
    {
        OnlyOn.Linux();
        using var fixture = new ExportFixture(0);
        Assert.SkipUnless(TryResize(fixture.Source, (2040L << 30) + 512), "The file system has no files as large.");
        fixture.Backup();
        Refused(fixture, "disk.vhd", null, "2040 GiB");
        fixture.Export(fixture.Chain, "disk.vhdx");
        fixture.Export(fixture.Chain, "disk.qcow2");
        using var disk = VirtualDisks.Disks.Open(RawDevice.OpenRead(fixture.Folder.At("disk.vhdx")));
        Assert.Equal((2040L << 30) + 512, disk.Length);
        Assert.InRange(new FileInfo(fixture.Folder.At("disk.qcow2")).Length, 1, MiB);
    }

    [Fact]
    public void Damage_is_zeros_and_such_a_file_is_no_base()
    {
        using var fixture = History(4 * MiB, null);
        var first = Path.Combine(fixture.Chain, "000001.tdi");
        CommandLine.Cli.Flip(first, 100_000);
        var result = fixture.Export(fixture.Image(1), "damaged.vhdx");
        Assert.NotEmpty(result.Damaged);
        var content = fixture.At(1);
        foreach (var range in result.Damaged)
        {
            content.AsSpan((int)range.Offset, (int)range.Length).Clear();
        }

        fixture.AssertDisk(content, "damaged.vhdx");
        var e = Assert.Throws<TidemarkException>(() => fixture.Export(fixture.Image(2), "child.vhdx", onBase: "damaged.vhdx"));
        Assert.Contains("isn't what was exported", e.Message, StringComparison.Ordinal);
    }

    internal static ExportFixture History(int size, int? chainBlock)
    {
        var fixture = new ExportFixture(size, chainBlock);
        fixture.Write(0, 70_000, 1);
        fixture.Write(size / 3, size / 4, 2);
        fixture.Write(size - 3000, 3000, 3);
        fixture.Backup();
        fixture.Write((size / 3) + 8192, 100_000, 4);
        fixture.Write((size / 3) + 300_000, 90_000, 0);
        fixture.Write(size - 2000, 2000, 0);
        fixture.Write(size - 70_000, 5000, 5);
        fixture.Backup();
        return fixture;
    }

    private static bool TryResize(string path, long length)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
            file.SetLength(length);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static void Refused(ExportFixture fixture, string file, long? blockSize, string words)
    {
        var e = Assert.Throws<TidemarkException>(() => fixture.Export(fixture.Chain, file, blockSize: blockSize));
        Assert.Equal(TidemarkError.WrongUse, e.Error);
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
    }
}
