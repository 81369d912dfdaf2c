using System.Buffers.Binary;
using Tidemark.Engine.Allocation;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Allocation;

/// <summary>When the map of NTFS isn't believed, and what of a volume's page files is left out.</summary>
public class NtfsDoubtTests
{
    private const long Mebibyte = 1 << 20;
    private const int VolumeInformation = 0x70;

    [Theory]
    [InlineData(0x0001, "marked dirty")]
    [InlineData(0x4000, "marked dirty")]
    public void A_volume_that_is_marked_dirty_has_no_map(int flags, string reason)
    {
        using var folder = new TempFolder("ntfs-doubt");
        var image = NtfsImage.Make(folder, 8 * Mebibyte);
        SetInformation(image, 3, 1, flags);
        Assert.Contains(reason, VolumeStates.WhyNot(image.Path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x0080)]
    [InlineData(0x8000)]
    public void A_flag_that_says_nothing_of_consistency_costs_nothing(int flags)
    {
        using var folder = new TempFolder("ntfs-doubt");
        var image = NtfsImage.Make(folder, 8 * Mebibyte);
        SetInformation(image, 3, 1, flags);
        Assert.NotEqual(0, VolumeStates.Of(image.Path, Seed.Random()).Bytes(AllocationState.Free));
    }

    [Theory]
    [InlineData(1, 2, true)]
    [InlineData(3, 0, true)]
    [InlineData(1, 1, false)]
    [InlineData(3, 2, false)]
    [InlineData(4, 0, false)]
    public void Only_known_versions_have_a_map(int major, int minor, bool known)
    {
        using var folder = new TempFolder("ntfs-doubt");
        var image = NtfsImage.Make(folder, 8 * Mebibyte);
        SetInformation(image, major, minor, 0);
        if (known)
        {
            VolumeStates.Of(image.Path, Seed.Random());
        }
        else
        {
            Assert.Contains($"version {major}.{minor}", VolumeStates.WhyNot(image.Path), StringComparison.Ordinal);
        }
    }

    [Theory]
    // As Windows leaves it after an unmount: open, and called clean.
    [InlineData(0, 2, 0, 2, 1, null)]
    // As Windows NT left it: closed.
    [InlineData(0xFFFF, 0, 0xFFFF, 0, 1, null)]
    [InlineData(0, 0, 0, 0, 1, "has to be replayed")]
    // The second page is the newer one.
    [InlineData(0, 2, 0, 0, 1, "has to be replayed")]
    [InlineData(0, 0, 0, 2, 1, null)]
    [InlineData(0, 2, 0, 2, 2, "version 2.0")]
    public void A_log_that_has_to_be_replayed_means_no_map(int client, int flags, int secondClient, int secondFlags, int version, string? reason)
    {
        using var folder = new TempFolder("ntfs-doubt");
        var image = NtfsImage.Make(folder, 8 * Mebibyte);
        var log = image.FirstCluster(2) * image.ClusterSize;
        image.WriteBytes(log, RestartPage(100, client, flags, version));
        image.WriteBytes(log + 4096, RestartPage(200, secondClient, secondFlags, version));
        AssertReason(image, reason);
    }

    [Fact]
    public void A_log_of_which_one_restart_page_is_torn_means_no_map()
    {
        using var folder = new TempFolder("ntfs-doubt");
        var image = NtfsImage.Make(folder, 8 * Mebibyte);
        var log = image.FirstCluster(2) * image.ClusterSize;
        image.WriteBytes(log, RestartPage(100, 0, 2, 1));
        var torn = RestartPage(200, 0, 2, 1);
        torn[^1]++;
        image.WriteBytes(log + 4096, torn);
        AssertReason(image, "restart page");
    }

    [Theory]
    [InlineData("hibr")]
    [InlineData("HIBR")]
    [InlineData("wake")]
    [InlineData("RSTR")]
    public void A_hibernated_Windows_means_no_map(string signature)
    {
        using var folder = new TempFolder("ntfs-doubt");
        Mount.Require("ntfs");
        var image = NtfsImage.Make(folder, 16 * Mebibyte);
        using (var mount = Mount.OfFile(image.Path, 0, 0, folder.Folder("mount"), "ntfs"))
        {
            var content = new byte[Mebibyte];
            System.Text.Encoding.ASCII.GetBytes(signature, content);
            File.WriteAllBytes(Path.Combine(mount.Folder, "hiberfil.sys"), content);
        }

        AssertReason(image, "hibernated");
    }

    [Fact]
    public void A_short_hiberfil_sys_means_no_map()
    {
        using var folder = new TempFolder("ntfs-doubt");
        Mount.Require("ntfs");
        var image = NtfsImage.Make(folder, 16 * Mebibyte);
        using (var mount = Mount.OfFile(image.Path, 0, 0, folder.Folder("mount"), "ntfs"))
        {
            File.WriteAllBytes(Path.Combine(mount.Folder, "hiberfil.sys"), new byte[100]);
        }

        AssertReason(image, "hibernated");
    }

    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    [InlineData(65536)]
    public void Page_files_are_excluded_and_what_has_only_their_name_is_not(int clusterSize)
    {
        using var folder = new TempFolder("ntfs-doubt");
        Mount.Require("ntfs");
        var random = Seed.Random($"{nameof(Page_files_are_excluded_and_what_has_only_their_name_is_not)} {clusterSize}");
        var image = NtfsImage.Make(folder, 48 * Mebibyte, clusterSize);
        string linked;
        IReadOnlyDictionary<string, string> kept;
        using (var mount = Mount.OfFile(image.Path, 0, 0, folder.Folder("mount"), "ntfs"))
        {
            // So many names that the root's index has blocks of its own.
            for (var i = 0; i < 200; i++)
            {
                File.WriteAllText(Path.Combine(mount.Folder, $"a file with a long name that is number {i}"), "small");
            }

            Write("PageFile.sys", 5 * Mebibyte);
            Write("swapfile.sys", (2 * Mebibyte) + 1);
            linked = Write("elsewhere", Mebibyte);
            Directory.CreateDirectory(Path.Combine(mount.Folder, "folder"));
            Write(Path.Combine("folder", "pagefile.sys"), Mebibyte);
            File.WriteAllBytes(Path.Combine(mount.Folder, "hiberfil.sys"), [.. new byte[4096], .. FileTree.Content(random, 3 * Mebibyte)]);
            kept = FileTree.Hashes(mount.Folder);

            string Write(string name, long length)
            {
                var path = Path.Combine(mount.Folder, name);
                File.WriteAllBytes(path, FileTree.Content(random, length));
                return path;
            }
        }

        var states = VolumeStates.Of(image.Path, random);
        var header = Math.Max(4096, clusterSize);
        var hibernation = ((3 * Mebibyte) + 4096 + clusterSize - 1) / clusterSize * clusterSize;
        var swap = ((2 * Mebibyte) + clusterSize) / clusterSize * clusterSize;
        Assert.Equal((5 * Mebibyte) + swap + hibernation - header, states.ExcludedBytes);
        states.AssertUsed(clusterSize, 0, image.Bitmap(folder));

        states.Scramble(random);
        image.AssertClean();
        using var again = Mount.OfFile(image.Path, 0, 0, folder.Folder("again"), "ntfs", readOnly: true);
        string[] excluded = ["PageFile.sys", "swapfile.sys", "hiberfil.sys"];
        var now = FileTree.Hashes(again.Folder);
        foreach (var name in excluded)
        {
            var content = File.ReadAllBytes(Path.Combine(again.Folder, name));
            Assert.False(content.AsSpan(name == "hiberfil.sys" ? header : 0).ContainsAnyExcept((byte)0), $"{name} isn't zeros");
        }

        FileTree.AssertSame(
            kept.Where(file => !excluded.Contains(file.Key)).ToDictionary(file => file.Key, file => file.Value),
            now.Where(file => !excluded.Contains(file.Key)).ToDictionary(file => file.Key, file => file.Value));
        Assert.Contains(Path.GetFileName(linked), now.Keys);
    }

    [Fact]
    public void A_page_file_with_a_second_name_stays()
    {
        using var folder = new TempFolder("ntfs-doubt");
        Mount.Require("ntfs");
        var image = NtfsImage.Make(folder, 16 * Mebibyte);
        using (var mount = Mount.OfFile(image.Path, 0, 0, folder.Folder("mount"), "ntfs"))
        {
            File.WriteAllBytes(Path.Combine(mount.Folder, "pagefile.sys"), new byte[Mebibyte]);
            Tool.Run("ln", Path.Combine(mount.Folder, "pagefile.sys"), Path.Combine(mount.Folder, "mine"));
        }

        Assert.Equal(0, VolumeStates.Of(image.Path, Seed.Random()).ExcludedBytes);
    }

    [Fact]
    public void A_bitmap_that_calls_everything_free_is_not_believed()
    {
        using var folder = new TempFolder("ntfs-doubt");
        var image = NtfsImage.Make(folder, 8 * Mebibyte);
        image.WriteBytes(image.FirstCluster(6) * image.ClusterSize, new byte[image.Clusters / 8]);
        AssertReason(image, "calls clusters of its system files free");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(6)]
    [InlineData(7)]
    public void A_bitmap_that_calls_a_system_file_free_is_not_believed(int file)
    {
        using var folder = new TempFolder("ntfs-doubt");
        var image = NtfsImage.Make(folder, 8 * Mebibyte);
        image.Mark(image.FirstCluster(file), used: false);
        AssertReason(image, "calls clusters of its system files free");
    }

    [Fact]
    public void A_bitmap_with_free_clusters_behind_the_end_is_not_believed()
    {
        using var folder = new TempFolder("ntfs-doubt");
        var image = NtfsImage.Make(folder, 8 * Mebibyte);
        image.Mark(image.Clusters, used: false);
        AssertReason(image, "behind the end");
    }

    [Fact]
    public void A_volume_that_is_larger_than_its_device_is_not_believed()
    {
        using var folder = new TempFolder("ntfs-doubt");
        var image = NtfsImage.Make(folder, 8 * Mebibyte);
        using (var file = File.OpenWrite(image.Path))
        {
            file.SetLength(7 * Mebibyte);
        }

        AssertReason(image, "cut off");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void A_record_that_differs_from_its_mirror_means_no_map(int number)
    {
        using var folder = new TempFolder("ntfs-doubt");
        var image = NtfsImage.Make(folder, 8 * Mebibyte);
        image.Edit(number, record => record[18]++, mirror: false);
        AssertReason(image, "differs from its mirror");
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(6)]
    public void A_torn_record_means_no_map(int number)
    {
        using var folder = new TempFolder("ntfs-doubt");
        var image = NtfsImage.Make(folder, 8 * Mebibyte);
        var at = image.FirstCluster(0) * image.ClusterSize;
        var record = image.ReadBytes(at + (number * image.RecordSize), image.RecordSize);
        record[510]++;
        image.WriteBytes(at + (number * image.RecordSize), record);
        AssertReason(image, $"record {number} of its MFT is damaged");
    }

    [Fact]
    public void A_volume_with_shadow_copies_of_its_own_has_no_map()
    {
        using var folder = new TempFolder("ntfs-doubt");
        var image = NtfsImage.Make(folder, 40 * Mebibyte);
        var header = new byte[128];
        new Guid("3808876b-c176-4e48-b7ae-04046e6cc752").TryWriteBytes(header);
        image.WriteBytes(0x1E00, header);
        // Shadow copies are enabled, and there is none.
        AssertReason(image, null);

        var catalog = new byte[16 << 10];
        header.AsSpan(0, 16).CopyTo(catalog);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(48), 38 * Mebibyte);
        image.WriteBytes(0x1E00, header);
        image.WriteBytes(38 * Mebibyte, catalog);
        AssertReason(image, null);

        // The second entry isn't used any more; the third is a shadow copy.
        (catalog[256], catalog[384]) = (1, 2);
        image.WriteBytes(38 * Mebibyte, catalog);
        AssertReason(image, "shadow copies of its own");

        catalog[384] = 3;
        image.WriteBytes(38 * Mebibyte, catalog);
        AssertReason(image, "shadow copies of its own");

        // A catalog that goes round.
        catalog[384] = 0;
        BinaryPrimitives.WriteInt64LittleEndian(catalog.AsSpan(40), 38 * Mebibyte);
        image.WriteBytes(38 * Mebibyte, catalog);
        AssertReason(image, "shadow copies of its own");

        header[80] = 1;
        image.WriteBytes(0x1E00, header);
        AssertReason(image, "another volume");
    }

    private static void AssertReason(NtfsImage image, string? reason)
    {
        if (reason is null)
        {
            Assert.NotEqual(0, VolumeStates.Of(image.Path, Seed.Random()).Bytes(AllocationState.Free));
        }
        else
        {
            Assert.Contains(reason, VolumeStates.WhyNot(image.Path), StringComparison.Ordinal);
        }
    }

    private static void SetInformation(NtfsImage image, int major, int minor, int flags) => image.Edit(3, record =>
    {
        var value = NtfsImage.AttributeAt(record, VolumeInformation) + 24;
        (record[value + 8], record[value + 9]) = ((byte)major, (byte)minor);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(value + 10), (ushort)flags);
    });

    // As Windows 10 writes it, for a log of one client.
    private static byte[] RestartPage(long lsn, int client, int flags, int version)
    {
        const int Area = 0x30;
        var page = new byte[4096];
        "RSTR"u8.CopyTo(page);
        BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(4), 0x1E);
        BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(6), 9);
        BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(16), page.Length);
        BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(20), page.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(24), Area);
        BinaryPrimitives.WriteInt16LittleEndian(page.AsSpan(26), (short)(version == 1 ? 1 : 0));
        BinaryPrimitives.WriteInt16LittleEndian(page.AsSpan(28), (short)version);
        page[0x1E] = 7;
        BinaryPrimitives.WriteInt64LittleEndian(page.AsSpan(Area), lsn);
        BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(Area + 8), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(Area + 10), (ushort)(client == 0 ? 0xFFFF : 0));
        BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(Area + 12), (ushort)client);
        BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(Area + 14), (ushort)flags);
        NtfsImage.Protect(page);
        return page;
    }
}
