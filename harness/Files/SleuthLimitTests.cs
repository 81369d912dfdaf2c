using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using static Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Files;

/// <summary>What an ordinary user reads is what root reads; what the reader leaves out is not the image's fault.</summary>
public sealed class SleuthLimitTests : IDisposable
{
    private readonly TempFolder folder = new("sleuth");

    public void Dispose() => folder.Dispose();

    [Fact]
    [Case("3.16")]
    public void Files_of_many_extents_and_long_links_come_to_anybody()
    {
        OrdinaryUser.Require();
        Tool.Require("mkfs.ext4", "debugfs", "nbdfuse");
        Assert.SkipUnless(File.Exists("/dev/fuse"), "Needs FUSE (/dev/fuse isn't there).");
        var files = folder.Folder("files");
        foreach (var length in new[] { 59, 60, 61, 1000 })
        {
            File.CreateSymbolicLink(Path.Combine(files, $"link{length}"), string.Concat(Enumerable.Repeat("target/", 200))[..length]);
        }

        // An extent a block: more than a leaf of them holds.
        using (var file = new FileStream(Path.Combine(files, "pieces"), FileMode.CreateNew))
        {
            for (var i = 0; i < 300; i++)
            {
                file.Position = i * 2048L;
                file.Write(BitConverter.GetBytes(i));
            }
        }

        var disk = folder.Sparse("disk", 32 << 20);
        Tool.Run("mkfs.ext4", "-q", "-F", "-b", "1024", "-d", files, disk);
        var chain = Backup(disk, folder.At("store")).Text("chain");
        OrdinaryUser.Run(folder, "extract", chain, "/", "--to", folder.At("to"), "--json").Succeeded();
        Tool.Run("rmdir", folder.At("to", "volume", "lost+found"));
        Tool.Run("diff", "--recursive", "--no-dereference", files, folder.At("to", "volume"));
    }

    [Theory]
    [Case("3.16")]
    [InlineData("fat32", "-n")]
    [InlineData("exfat", "-L")]
    public void Labels_and_tables_are_no_files(string fileSystem, string option)
    {
        OrdinaryUser.Require();
        Tool.Require("nbdfuse", fileSystem == "exfat" ? "mkfs.exfat" : "mkfs.fat");
        Assert.SkipUnless(File.Exists("/dev/fuse"), "Needs FUSE (/dev/fuse isn't there).");
        var volume = folder.Sparse("volume", 36 << 20);
        Tool.Run(fileSystem == "exfat" ? "mkfs.exfat" : "mkfs.fat", [.. fileSystem == "exfat" ? [] : (string[])["-F", "32", "-s", "1"], option, "PHOTOS", volume]);
        var chain = Backup(volume, folder.At("store")).Text("chain");
        var result = TidemarkCli.Events(OrdinaryUser.Run(folder, "ls", chain, "/", "--json").Succeeded());
        Assert.DoesNotContain(result, e => e.Text("event") == "file");
    }

    [Fact]
    [Case("3.16")]
    public void What_the_reader_does_not_know_is_named_as_its_limit_and_no_damage()
    {
        OrdinaryUser.Require();
        Tool.Require("mkntfs", "nbdfuse");
        Assert.SkipUnless(File.Exists("/dev/fuse"), "Needs FUSE (/dev/fuse isn't there).");
        var volume = folder.Sparse("volume", 64 << 20);
        Tool.Run("mkntfs", "--quick", "--quiet", "--force", "--cluster-size", "262144", volume);
        var chain = Backup(volume, folder.At("store")).Text("chain");
        var result = TidemarkCli.Events(OrdinaryUser.Run(folder, "extract", chain, "/", "--to", folder.At("to"), "--json").EndedWith(Failed))[^1];
        var problem = Assert.Single(result.GetProperty("problems").EnumerateArray());
        Assert.False(problem.GetProperty("damaged").GetBoolean());
        Assert.Contains("sleuthkit, which doesn't know such a one", problem.Text("message"), StringComparison.Ordinal);
    }

    [Fact]
    [Case("3.13")]
    public void Times_of_exFAT_with_an_offset_are_one_instant_to_both_readers()
    {
        Mount.Require("exfat");
        OrdinaryUser.Require();
        Tool.Require("nbdfuse");
        var volume = folder.Sparse("volume", 8 << 20);
        FileSystemMaker.Make(volume, "exfat");
        using (var mount = Mount.OfFile(volume, 0, 0, folder.Folder("mount"), "exfat"))
        {
            Directory.CreateDirectory(Path.Combine(mount.Folder, "folder"));
            foreach (var path in new[] { "east", "west", "folder/inner" })
            {
                File.WriteAllText(Path.Combine(mount.Folder, path), path);
            }

            foreach (var path in new[] { "east", "west", "folder/inner", "folder" })
            {
                Tool.Run("touch", "--date=2021-03-04 12:00:00 UTC", Path.Combine(mount.Folder, path));
            }
        }

        // Quarters of an hour: two hours ahead of UTC, and five and a half behind it.
        Assert.Equal(4, SetOffsets(volume, new() { ["east"] = 8, ["west"] = -22, ["folder"] = 0, ["inner"] = 4 }));
        var chain = Backup(volume, folder.At("store")).Text("chain");
        string[] arguments = ["ls", chain, "/", "--recursive", "--json"];
        var expected = new[] { ("/east", "2021-03-04T10:00:00Z"), ("/folder", "2021-03-04T12:00:00Z"), ("/folder/inner", "2021-03-04T11:00:00Z"), ("/west", "2021-03-04T17:30:00Z") };
        Assert.Equal(expected, Times(TidemarkCli.Run(arguments).Succeeded().Events));
        Assert.Equal(expected, Times(TidemarkCli.Events(OrdinaryUser.Run(folder, arguments).Succeeded())));
    }

    private static (string Path, string Modified)[] Times(IEnumerable<System.Text.Json.JsonElement> events) =>
        [.. events.Where(e => e.Text("event") == "file").Select(e => (e.Text("path"), e.Text("modified"))).Order()];

    // Sets all three offsets of entries, and the sums of their sets (Microsoft's exFAT specification, 6.3.3 and 7.4).
    private static int SetOffsets(string volume, Dictionary<string, int> quarters)
    {
        var disk = File.ReadAllBytes(volume);
        var found = 0;
        for (var at = 0; at + 96 <= disk.Length; at += 32)
        {
            var set = disk.AsSpan(at);
            if (set[0] != 0x85 || set[1] != 2 || set[32] != 0xC0 || set[64] != 0xC1
                || !quarters.TryGetValue(System.Text.Encoding.Unicode.GetString(set.Slice(66, 2 * Math.Min(15, (int)set[35]))), out var offset))
            {
                continue;
            }

            set.Slice(22, 3).Fill((byte)(0x80 | (offset & 0x7F)));
            ushort sum = 0;
            for (var i = 0; i < 96; i++)
            {
                sum = i is 2 or 3 ? sum : (ushort)(((sum << 15) | (sum >> 1)) + set[i]);
            }

            System.Buffers.Binary.BinaryPrimitives.WriteUInt16LittleEndian(set[2..], sum);
            found++;
        }

        File.WriteAllBytes(volume, disk);
        return found;
    }
}
