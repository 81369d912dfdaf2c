using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Volumes;
using Xunit;

namespace Tidemark.Harness.Volumes;

/// <summary>Volumes made by their own tools, with blkid as the judge of what we read.</summary>
public class VolumeContentTests
{
    private const int MiB = 1 << 20;

    public static TheoryData<string, int, string[]> Volumes => new()
    {
        { "ext2", 8, ["mkfs.ext2", "-q", "-F", "-L", "Ein Name"] },
        { "ext3", 16, ["mkfs.ext3", "-q", "-F", "-L", "drei"] },
        { "ext4", 32, ["mkfs.ext4", "-q", "-F", "-L", "sechzehn-zeichen"] },
        { "ext4", 32, ["mkfs.ext4", "-q", "-F", "-b", "1024"] },
        { "xfs", 320, ["mkfs.xfs", "-q", "-f", "-L", "zwoelf-chars"] },
        { "btrfs", 128, ["mkfs.btrfs", "-q", "-f", "-L", "Wäldchen am Bach"] },
        { "ntfs", 16, ["mkntfs", "-Q", "-F", "-q", "-L", "Daten Ü"] },
        { "ntfs", 64, ["mkntfs", "-Q", "-F", "-q", "-s", "4096", "-c", "65536"] },
        { "fat12", 2, ["mkfs.fat", "-F", "12", "-n", "STICK"] },
        { "fat16", 32, ["mkfs.fat", "-F", "16", "-n", "KARTE"] },
        { "fat32", 64, ["mkfs.fat", "-F", "32", "-n", "GROSS 32"] },
        { "fat32", 512, ["mkfs.fat", "-F", "32", "-S", "4096"] },
        { "exfat", 16, ["mkfs.exfat", "-L", "Karte ä"] },
        { "swap", 8, ["mkswap", "-q", "-L", "auslagern"] },
    };

    [Theory]
    [MemberData(nameof(Volumes))]
    public void Id_and_label_are_what_blkid_reads(string type, int size, string[] maker)
    {
        using var disk = new TempDisk((long)size * MiB);
        Tool.Run(maker[0], [.. maker[1..], disk.Image]);
        using var device = RawDevice.OpenRead(disk.Image);
        var content = VolumeProbe.TryReadContent(new VolumeView(device));
        Assert.NotNull(content);
        Assert.Equal(type, content.Type);
        Assert.Null(VolumeProbe.TryReadTable(new VolumeView(device)));

        var id = Blkid(disk.Image, "UUID");
        Assert.NotNull(id);
        Assert.Equal(id, content.Id);
        Assert.Equal(Blkid(disk.Image, "LABEL"), content.Label);
        var family = type.StartsWith("ext", StringComparison.Ordinal) ? "ext" : type.StartsWith("fat", StringComparison.Ordinal) ? "fat" : type;
        var description = SourceProbe.Probe(device);
        Assert.Equal($"{family}:{id}", description.Identity.ToString());
        Assert.Equal($"{type} volume", description.Summary);
    }

    [Fact]
    public void Devices_of_one_btrfs_are_different_sources()
    {
        Tool.NeedRoot();
        using var disk = new TempDisk(128 * MiB);
        var first = disk.Attach(disk.Image);
        var second = disk.Attach(disk.NewFile("second.img", 128 * MiB));
        Tool.Run("mkfs.btrfs", "-q", "-f", first, second);
        using var one = RawDevice.OpenRead(first);
        using var two = RawDevice.OpenRead(second);
        var a = SourceProbe.Probe(one).Identity;
        var b = SourceProbe.Probe(two).Identity;
        Assert.False(SourceIdentity.Matches(a, b));
        Assert.Equal(a[IdentityKind.FileSystem] + "/2", b[IdentityKind.FileSystem]);
    }

    [Fact]
    public void A_label_that_only_the_root_folder_has_is_found()
    {
        using var disk = new TempDisk(32 * MiB);
        Tool.Run("mkfs.fat", "-F", "16", "-n", "NEUER", disk.Image);
        using (var file = File.OpenWrite(disk.Image))
        {
            file.Position = 43;
            file.Write("NO NAME    "u8);
        }

        using var device = RawDevice.OpenRead(disk.Image);
        Assert.Equal("NEUER", VolumeProbe.TryReadContent(new VolumeView(device))!.Label);
    }

    [Fact]
    public void A_luks_header_and_an_lvm_label_are_known_by_their_uuids()
    {
        var luks = new byte[MiB];
        "LUKS"u8.CopyTo(luks);
        luks[4] = 0xBA;
        luks[5] = 0xBE;
        luks[7] = 2;
        "geheim"u8.CopyTo(luks.AsSpan(24));
        "0b6b5b0a-3d5c-4f0e-9d59-6a3bcb6f3f5a"u8.CopyTo(luks.AsSpan(168));
        using var first = new ArrayDevice(luks);
        Assert.Equal(
            VolumeContent.Of("luks", "luks", "0b6b5b0a-3d5c-4f0e-9d59-6a3bcb6f3f5a", "geheim"),
            VolumeProbe.TryReadContent(new VolumeView(first)));

        var lvm = new byte[MiB];
        "LABELONE"u8.CopyTo(lvm.AsSpan(512));
        lvm[512 + 20] = 32;
        "LVM2 001"u8.CopyTo(lvm.AsSpan(512 + 24));
        "Oa1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p"u8.CopyTo(lvm.AsSpan(512 + 32));
        using var second = new ArrayDevice(lvm);
        Assert.Equal(
            "lvm:Oa1b2c-3d4e-5f6g-7h8i-9j0k-1l2m-3n4o5p", SourceProbe.Probe(second).Identity.ToString());
    }

    [Fact]
    public void A_label_that_would_steer_a_terminal_is_defused()
    {
        using var disk = new TempDisk(32 * MiB);
        Tool.Run("mkfs.ext4", "-q", "-F", "-L", "\u001b[2J\u202eevil", disk.Image);
        using var device = RawDevice.OpenRead(disk.Image);
        Assert.Equal("\ufffd[2J\ufffdevil", SourceProbe.Probe(device).Label);
    }

    [Fact]
    public void An_unreadable_superblock_is_no_content_and_no_exception()
    {
        using var disk = new TempDisk(8 * MiB);
        Tool.Run("mkfs.ext4", "-q", "-F", disk.Image);
        var bytes = File.ReadAllBytes(disk.Image);
        using var whole = new ArrayDevice(bytes);
        Assert.Equal("ext4 volume", SourceProbe.Probe(whole).Summary);
        using var bad = new ArrayDevice(bytes, badFrom: 1024, badTo: 1536);
        Assert.Equal("unrecognised content", SourceProbe.Probe(bad).Summary);
        using var allBad = new ArrayDevice(bytes, badFrom: 0);
        Assert.True(SourceProbe.Probe(allBad).Identity.IsEmpty);
    }

    private static string? Blkid(string path, string tag) =>
        Tool.TryRun("blkid", "-p", "-o", "value", "-s", tag, path).Output.TrimEnd() is { Length: > 0 } value ? value : null;
}
