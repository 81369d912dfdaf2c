using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.VirtualDisks;
using Tidemark.Engine.Devices.VirtualDisks.Vhd;
using Tidemark.Engine.Devices.VirtualDisks.Vhdx;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.Exports;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Verification;
using Tidemark.Engine.Progress;
using Tidemark.Harness.Support;
using Tidemark.Harness.VirtualDisks;
using Xunit;

namespace Tidemark.Harness.Exporting;

/// <summary>
/// Disks of more than one sector bitmap block (4 GiB of a VHDX) and of many L2 tables (512 MiB of a qcow2 file), and of 4 KiB
/// sectors.
/// </summary>
public sealed class LargeExportTests : IDisposable
{
    private const int MiB = 1 << 20;
    private const long Size = (9L << 30) + (3 * MiB) + 4096;

    private readonly TempFolder folder = new("large-export");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("vhd", "vpc")]
    [InlineData("vhdx", "vhdx")]
    [InlineData("qcow2", "qcow2")]
    public void A_disk_of_9_GiB_and_what_builds_on_it(string extension, string qemu)
    {
        OnlyOn.Linux();
        Tool.Require("qemu-img");
        var source = folder.Sparse("source", Size);
        var before = folder.Sparse("before", Size);
        long[] places = [0, (4L << 30) - 8192, (5L << 30) + 123, 8L << 30, Size - 5000];
        Write(source, places, 20_000, 1);
        Write(before, places, 20_000, 1);
        Backup(source);

        // Every other place changes, one becomes zeros, and a new one appears.
        Write(source, [places[1] + 4096, places[3], 6L << 30], 9000, 2);
        Write(source, [places[2]], 8000, 0);
        Backup(source);
        Export(1, $"1.{extension}", null);
        Export(2, $"2.{extension}", $"1.{extension}");
        Export(2, $"whole.{extension}", null);
        if (extension != "vhdx")
        {
            // Of a VHDX qemu reads all the zeros, which takes a minute.
            Tool.Run("qemu-img", "compare", "-f", qemu, "-F", "raw", folder.At($"1.{extension}"), before);
            Tool.Run("qemu-img", "compare", "-f", qemu, "-F", "raw", folder.At($"whole.{extension}"), source);
        }

        if (extension == "qcow2")
        {
            Tool.Run("qemu-img", "compare", "-f", qemu, "-F", "raw", folder.At("2.qcow2"), source);
            Tool.Run("qemu-img", "check", folder.At("2.qcow2"));
            return;
        }

        AssertSame(1, $"1.{extension}");
        AssertSame(2, $"2.{extension}");
        AssertSame(2, $"whole.{extension}");
        Assert.InRange(new FileInfo(folder.At($"2.{extension}")).Length, MiB, 24 * MiB);
        using var device = RawDevice.OpenRead(folder.At($"2.{extension}"));
        Assert.Empty(extension == "vhd" ? VhdChecker.Check(device) : VhdxChecker.Check(device));
    }

    [Fact]
    public void Sectors_of_4_KiB_stay_so_in_a_VHDX_and_are_told_of_elsewhere()
    {
        var builder = new VhdxBuilder(5 * MiB) { SectorSize = 4096 };
        builder.Write(MiB, Disks.Pattern(2 * MiB, 3));
        File.WriteAllBytes(folder.At("disk4k.vhdx"), builder.Build());
        Backup(folder.At("disk4k.vhdx"));
        builder.Write(4 * MiB, Disks.Pattern(8192, 4));
        File.WriteAllBytes(folder.At("disk4k.vhdx"), builder.Build());
        Backup(folder.At("disk4k.vhdx"));
        Assert.Empty(Export(1, "1.vhdx", null).Notes);
        Assert.Empty(Export(2, "2.vhdx", "1.vhdx").Notes);
        Assert.Contains("sectors of 4096 bytes", Assert.Single(Export(2, "2.vhd", null).Notes), StringComparison.Ordinal);
        using var expected = Disks.Open(RawDevice.OpenRead(folder.At("disk4k.vhdx")));
        using var child = Disks.Open(RawDevice.OpenRead(folder.At("2.vhdx")), ParentFiles.Open);
        Assert.Equal(4096, child.Geometry.LogicalSectorSize);
        Disks.AssertContent(Disks.ReadAll(expected), child);
    }

    private void AssertSame(int sequence, string file)
    {
        var compared = Verify.Run(
            new VerifyRequest { Subject = ImageAddress.Parse($"{Chain}@{sequence}"), Against = SourceLocation.Parse(folder.At(file)) }, NoObserver.Instance, TestContext.Current.CancellationToken);
        Assert.Empty(compared.Findings);
        Assert.Equal(0, compared.DifferentBytes);
    }

    private string Chain => folder.At("store", "chain");

    private static void Write(string path, long[] places, int length, int seed)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
        foreach (var place in places)
        {
            var bytes = seed == 0 ? new byte[length] : Disks.Pattern(length, seed + (int)(place % 1000));
            file.Position = place;
            file.Write(bytes.AsSpan(0, (int)Math.Min(length, Size - place)));
        }
    }

    private void Backup(string source) => Tidemark.Engine.Operations.Backups.Backup.Run(
        new BackupRequest { Source = SourceLocation.Parse(source), Store = StoreLocation.Parse(folder.At("store")), Chain = "chain" }, NoObserver.Instance, TestContext.Current.CancellationToken);

    private ExportResult Export(int sequence, string file, string? below) => Tidemark.Engine.Operations.Exports.Export.Run(
        new ExportRequest { Image = ImageAddress.Parse($"{Chain}@{sequence}"), File = TargetLocation.Parse(folder.At(file)), Base = below is null ? null : folder.At(below) },
        NoObserver.Instance,
        TestContext.Current.CancellationToken);
}
