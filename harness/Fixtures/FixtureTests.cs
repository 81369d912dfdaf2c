using System.Globalization;
using System.Security.Cryptography;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Fixtures;

/// <summary>That the fixtures are what their manifest and their checksums say, as independent tools see them.</summary>
public class FixtureTests
{
    public static TheoryData<string> Names => Fixture.Names;

    [Fact]
    public void Every_checked_in_file_has_its_checksum()
    {
        var sums = Fixture.Sums;
        var files = Directory.EnumerateFiles(Fixture.Folder)
            .Where(path => Path.GetExtension(path) is ".vhd" or ".vhdx" or ".zst").Select(path => Path.GetFileName(path)).ToArray();
        Assert.Equal(Fixture.All.Select(fixture => fixture.File).Order(), files.Order());
        Assert.All(files, file => Assert.Equal(sums[file], FileTree.Hash(Path.Combine(Fixture.Folder, file))));
    }

    [Fact]
    public void The_fixtures_cover_every_file_system_table_and_container()
    {
        string[] fileSystems = ["exfat", "ext4", "fat32", "ntfs", "xfs"];
        string[] tables = ["gpt", "mbr"];
        string[] containers = ["vhd dynamic", "vhd fixed", "vhdx dynamic", "vhdx fixed"];
        var pairs = Fixture.All.SelectMany(fixture => fixture.Partitions.Select(partition => $"{partition.FileSystem} {fixture.Table}"));
        Assert.Equal(fileSystems.SelectMany(fs => tables.Select(table => $"{fs} {table}")), pairs.Distinct().Order());
        Assert.Equal(containers, Fixture.All.Select(fixture => $"{fixture.Container} {fixture.Form}").Distinct().Order());
    }

    [Fact]
    public void One_fixture_is_ready_without_unpacking_and_all_are_small()
    {
        Assert.Contains(Fixture.All, fixture => fixture.File == fixture.Name);
        // A clone carries the fixtures for ever.
        Assert.InRange(Fixture.All.Sum(fixture => new FileInfo(Path.Combine(Fixture.Folder, fixture.File)).Length), 1, 6 << 20);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_container_holds_the_disk_that_the_manifest_says(string name)
    {
        var fixture = Fixture.Named(name);
        using var folder = new TempFolder();
        var raw = fixture.UnpackRaw(folder);
        Assert.Equal(fixture.VirtualSize, new FileInfo(raw).Length);
        using var content = File.OpenRead(raw);
        Assert.Equal(fixture.ContentSha256, Convert.ToHexStringLower(SHA256.HashData(content)));
        if (fixture.Container == "vhdx")
        {
            // qemu-img has a checker for VHDX only.
            Tool.Run("qemu-img", "check", "-f", "vhdx", folder.At(name));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Table_and_identities_are_those_of_the_manifest(string name)
    {
        Tool.Require("sfdisk", "blkid");
        var fixture = Fixture.Named(name);
        using var folder = new TempFolder();
        var raw = fixture.UnpackRaw(folder);
        var table = Tool.Run("sfdisk", "--dump", raw).Output;
        Assert.Contains($"label: {(fixture.Table == "gpt" ? "gpt" : "dos")}\n", table, StringComparison.Ordinal);
        Assert.Contains($"label-id: {(fixture.Table == "gpt" ? "" : "0x")}{fixture.DiskId}", table, StringComparison.OrdinalIgnoreCase);
        foreach (var partition in fixture.Partitions)
        {
            Assert.Matches($@"start= *{partition.Offset / 512}, size= *{partition.Size / 512},", table);
            if (fixture.Table == "gpt")
            {
                Assert.Contains($"uuid={partition.PartitionId}", table, StringComparison.OrdinalIgnoreCase);
            }

            var seen = Tool.Run("blkid", "--probe", "--offset", partition.Offset.ToString(CultureInfo.InvariantCulture),
                "--size", partition.Size.ToString(CultureInfo.InvariantCulture), raw).Output;
            Assert.Contains($" UUID=\"{partition.FileSystemId}\"", seen, StringComparison.Ordinal);
            Assert.Contains($" TYPE=\"{(partition.FileSystem == "fat32" ? "vfat" : partition.FileSystem)}\"", seen, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_file_is_there_with_its_hash(string name)
    {
        var fixture = Fixture.Named(name);
        foreach (var partition in fixture.Partitions)
        {
            Mount.Require(partition.FileSystem);
        }

        using var folder = new TempFolder();
        var raw = fixture.UnpackRaw(folder);
        foreach (var partition in fixture.Partitions)
        {
            using var mount = Mount.OfFile(
                raw, partition.Offset, partition.Size, folder.Folder($"mount{partition.Number}"), partition.FileSystem, readOnly: true);
            FileTree.AssertSame(Fixture.Files, FileTree.Hashes(mount.Folder));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_file_system_checker_finds_nothing(string name)
    {
        var fixture = Fixture.Named(name);
        using var folder = new TempFolder();
        foreach (var partition in fixture.Partitions)
        {
            FileSystemChecker.Require(partition.FileSystem);
        }

        var raw = fixture.UnpackRaw(folder);
        Assert.All(fixture.Partitions, partition => FileSystemChecker.Check(raw, partition.Offset, partition.Size, partition.FileSystem));
    }
}
