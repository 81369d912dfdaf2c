using System.Buffers.Binary;
using System.IO.Hashing;
using Tidemark.Engine.Volumes;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>What a larger target holds at its end doesn't outlive a restore and win over it; judged by blkid and wipefs.</summary>
[DiffersBySystem]
[Case("2.10")]
public sealed class LeftoverTests : IDisposable
{
    private const int MiB = 1 << 20;
    private const int Size = 8 * MiB;
    private const int Large = 80 * MiB;
    private readonly TempFolder folder = new("leftover");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Records_at_the_end_of_a_larger_device_are_wiped_and_named()
    {
        Root.Require();
        Tool.Require("blkid", "wipefs", "mkfs.ext4");
        var source = folder.Sparse("source", Size);
        Tool.Run("mkfs.ext4", "-q", "-F", source);
        var chain = Cli.Backup(source, folder.At("store"), "--compress", "none").Text("chain");
        var file = folder.Sparse("target", Large);
        using var device = LoopDevice.Attach(file);
        foreach (var (name, type, make) in Records())
        {
            var content = new byte[Large];
            make(content);
            File.WriteAllBytes(file, content);
            device.Flush();
            if (type is not null)
            {
                Assert.Contains(type, Tool.Run("wipefs", device).Output, StringComparison.Ordinal);
            }

            // Where nobody is to fit anything, they stay and are named.
            var asIs = TidemarkCli.Run("restore", chain, device, "--force", "--as-is", "--json").Succeeded().Result;
            Assert.Contains(name, Assert.Single(asIs.GetProperty("notes").EnumerateArray()).GetString(), StringComparison.Ordinal);
            var result = TidemarkCli.Run("restore", chain, device, "--force", "--delta", "--json").Succeeded().Result;
            Assert.Contains(name, Assert.Single(result.GetProperty("fitted").EnumerateArray()).GetString(), StringComparison.Ordinal);
            device.Flush();
            Assert.Equal("ext4", Tool.Run("blkid", "-p", "-o", "value", "-s", "TYPE", device).Output.Trim());
            Assert.Single(Tool.Run("wipefs", "--noheadings", device).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            var now = File.ReadAllBytes(file);
            Assert.True(File.ReadAllBytes(source).AsSpan().SequenceEqual(now.AsSpan(0, Size)), name);

            // Nothing is left to be said.
            Assert.Equal(0, TidemarkCli.Run("restore", chain, device, "--force", "--json").Succeeded().Result.GetProperty("fitted").GetArrayLength());
        }
    }

    private static IEnumerable<(string Name, string? Type, Action<byte[]> Make)> Records()
    {
        yield return ("md 0.90 superblock", "linux_raid_member", Md0);
        yield return ("md 1.0 superblock", "linux_raid_member", disk => Md1(disk, Large - 8192));
        yield return ("Intel RAID (IMSM) record", "isw_raid_member", disk => "Intel Raid ISM Cfg Sig. 1.3.00"u8.CopyTo(disk.AsSpan(Large - 1024)));
        yield return ("DDF RAID record", "ddf_raid_member", disk => BinaryPrimitives.WriteUInt32BigEndian(disk.AsSpan(Large - 512), 0xDE11DE11));
        yield return ("ZFS label", "zfs_member", Zfs);
        yield return ("copy of a GPT", null, Gpt);
        yield return ("NVIDIA RAID record", "nvidia_raid_member", disk => "NVIDIA  "u8.CopyTo(disk.AsSpan(Large - 1024)));
        yield return ("Promise RAID record", "promise_fasttrack_raid_member", disk => "Promise Technology, Inc."u8.CopyTo(disk.AsSpan(Large - (63 * 512))));
        yield return ("DRBD device", "drbd", disk => BinaryPrimitives.WriteUInt32BigEndian(disk.AsSpan(Large - 4096 + 60), 0x8374026B));
    }

    private static void Md0(byte[] disk)
    {
        var block = disk.AsSpan(Large - (64 << 10));
        BinaryPrimitives.WriteUInt32LittleEndian(block, 0xA92B4EFC);
        BinaryPrimitives.WriteUInt32LittleEndian(block[8..], 90);
    }

    private static void Zfs(byte[] disk)
    {
        for (var i = 0; i < 4; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(disk.AsSpan(Large - (128 << 10) + (i * 1024)), 0x00BAB10C);
            BinaryPrimitives.WriteUInt64LittleEndian(disk.AsSpan(Large - (384 << 10) + (i * 1024)), 0x00BAB10C);
        }
    }

    private static void Gpt(byte[] disk)
    {
        var entries = new byte[128 * 128];
        entries.AsSpan(0, 16).Fill(1);
        var lba = (Large / 512) - 1;
        entries.CopyTo(disk, (lba - 32) * 512);
        new GptHeader(lba, 1, 34, lba - 34, Guid.NewGuid(), lba - 32, 128, 128, Crc32.HashToUInt32(entries)).Write(disk.AsSpan(lba * 512, 512));
    }

    private static void Md1(byte[] disk, int place)
    {
        var block = disk.AsSpan(place);
        BinaryPrimitives.WriteUInt32LittleEndian(block, 0xA92B4EFC);
        BinaryPrimitives.WriteUInt32LittleEndian(block[4..], 1);
        BinaryPrimitives.WriteInt64LittleEndian(block[144..], place / 512);
        BinaryPrimitives.WriteUInt32LittleEndian(block[216..], 0);
    }
}
