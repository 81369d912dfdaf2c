using System.Text;
using TerraFX.Interop.Windows;
using Tidemark.Engine;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Volumes;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Volumes;

/// <summary>What is concluded from the volumes and disks of Windows, on a machine made up of plain data.</summary>
[DiffersBySystem]
public class DriveTableTests
{
    private const long GiB = 1L << 30;
    private const string System = @"\\?\Volume{11111111-1111-1111-1111-111111111111}\";
    private const string Boot = @"\\?\Volume{22222222-2222-2222-2222-222222222222}\";
    private const string Data = @"\\?\Volume{33333333-3333-3333-3333-333333333333}\";
    private const string Spanned = @"\\?\Volume{44444444-4444-4444-4444-444444444444}\";
    private const string Optical = @"\\?\Volume{55555555-5555-5555-5555-555555555555}\";

    private static readonly DriveTable Machine = new(
        [
            new DriveVolume(Data, [@"D:\", @"C:\mnt\data\"], [new DriveExtent(1, 1 << 20, 8 * GiB)], "NTFS") { Label = "daten" },
            new DriveVolume(System, [@"C:\"], [new DriveExtent(0, GiB, 99 * GiB)], "NTFS") { HasPageFile = true },
            new DriveVolume(Boot, [], [new DriveExtent(0, 1 << 20, 100 << 20)], "FAT32"),
            new DriveVolume(Spanned, [@"S:\"], [new DriveExtent(1, 9 * GiB, GiB), new DriveExtent(2, 1 << 20, GiB)], "ReFS"),
            new DriveVolume(Optical, [@"E:\"], [], null) { IsOptical = true, IsReadOnly = true },
        ],
        [new DriveDisk(2, 0), new DriveDisk(0, 100 * GiB) { Model = "Acme" }, new DriveDisk(1, 10 * GiB)],
        path => path.StartsWith(@"C:\mnt\data", StringComparison.OrdinalIgnoreCase) ? Data
            : path.StartsWith("C:", StringComparison.OrdinalIgnoreCase) ? System
            : path.StartsWith("S:", StringComparison.OrdinalIgnoreCase) ? Spanned
            : null);

    [Fact]
    public void Volumes_and_the_disks_below_them_are_mounted_and_used()
    {
        Assert.Equal([@"D:\", @"C:\mnt\data\"], Machine.UsageOf("d:").Mounts.Select(mount => mount.MountPoint));
        Assert.True(Machine.UsageOf(Data) is { IsMountedReadWrite: true, IsSwap: false });
        Assert.True(Machine.UsageOf(@"\\.\C:") is { IsSwap: true });
        Assert.True(Machine.UsageOf(@"\\.\PhysicalDrive0") is { IsSwap: true });
        Assert.Equal([Boot], Machine.UsageOf(Boot).Mounts.Select(mount => mount.MountPoint));
        Assert.Equal([@"D:\", @"C:\mnt\data\", @"S:\"], Machine.UsageOf(@"\\.\PhysicalDrive1").Mounts.Select(mount => mount.MountPoint));
        Assert.False(Machine.UsageOf("E:").IsMounted);
        Assert.False(Machine.UsageOf(@"C:\disk.img").IsInUse);
    }

    [Fact]
    public void A_store_lies_on_the_volume_and_on_every_disk_below_it()
    {
        Assert.True(Machine.LiesOn(@"C:\store", "C:"));
        Assert.True(Machine.LiesOn(@"C:\mnt\data\store", "D:"));
        Assert.False(Machine.LiesOn(@"C:\mnt\data\store", "C:"));
        Assert.True(Machine.LiesOn(@"S:\store", @"\\.\PhysicalDrive2"));
        Assert.True(Machine.LiesOn(@"S:\store", @"\\.\PhysicalDrive1"));
        Assert.False(Machine.LiesOn(@"S:\store", @"\\.\PhysicalDrive0"));
        Assert.False(Machine.LiesOn(@"\\server\share\store", "C:"));
    }

    [Fact]
    public void The_list_shows_disks_in_order_before_their_volumes_by_place()
    {
        using var device = new ArrayDevice(new byte[1 << 20]);
        var list = SourceList.ListWindows(Machine, path => path == "E:"
            ? throw new TidemarkException(TidemarkError.Failed, "no medium")
            : new ArrayDevice(new byte[1 << 20]));
        Assert.Equal(
            [@"\\.\PhysicalDrive0", Boot[..^1], "C:", @"\\.\PhysicalDrive1", "D:", "S:", @"\\.\PhysicalDrive2", "E:"],
            list.Select(entry => entry.Path));
        Assert.Equal(["disk", "part", "part", "disk", "part", "volume", "disk", "rom"], list.Select(entry => entry.Type));
        Assert.Equal([null, @"\\.\PhysicalDrive0", @"\\.\PhysicalDrive0"], list.Take(3).Select(entry => entry.ParentPath));
        var data = list[4];
        Assert.Equal(("daten", "ntfs", @"\\.\PhysicalDrive1"), (data.Label, data.FileSystem, data.ParentPath));
        Assert.Equal([@"D:\", @"C:\mnt\data\"], data.MountPoints);
        Assert.Equal("no medium", list[^1].Problem);
        Assert.Equal("Acme", list[0].Model);
    }

    [Fact]
    public unsafe void Structures_are_laid_out_as_in_winioctl()
    {
        // sizeof and offsetof as gcc gives them for x86_64-w64-mingw32.
        Assert.Equal((144, 112), (sizeof(PARTITION_INFORMATION_EX), sizeof(PARTITION_INFORMATION_GPT)));
        Assert.Equal((24, 32), (sizeof(DISK_EXTENT), sizeof(VOLUME_DISK_EXTENTS)));
        var info = new PARTITION_INFORMATION_EX { PartitionStyle = PARTITION_STYLE.PARTITION_STYLE_GPT };
        Assert.Equal(32, (byte*)&info.Anonymous - (byte*)&info);
        var id = new Guid("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
        info.Gpt.PartitionId = id;
        Assert.Equal(new IdentityItem(IdentityKind.GptPartition, id.ToString("D")), SourceProbe.OfPartition(info));
        info.PartitionStyle = PARTITION_STYLE.PARTITION_STYLE_MBR;
        Assert.Null(SourceProbe.OfPartition(info));
    }

    [Fact]
    public void A_disks_description_is_read_within_its_bounds()
    {
        var answer = new byte[80];
        BitConverter.TryWriteBytes(answer.AsSpan(12), 40u);
        BitConverter.TryWriteBytes(answer.AsSpan(16), 50u);
        BitConverter.TryWriteBytes(answer.AsSpan(24), 79u);
        answer[10] = 1;
        Encoding.ASCII.GetBytes("Acme   \0").CopyTo(answer, 40);
        Encoding.ASCII.GetBytes("Disk 9000\0").CopyTo(answer, 50);
        answer[79] = (byte)'7';
        Assert.Equal(("Acme Disk 9000", "7", true), DeviceQuery.Describe(answer));
        BitConverter.TryWriteBytes(answer.AsSpan(24), uint.MaxValue);
        Assert.Null(DeviceQuery.Describe(answer).Serial);
    }
}
