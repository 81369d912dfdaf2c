using System.Globalization;
using System.Text.Json;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Roaming;

/// <summary>
/// One disk and one store, carried between Linux and Windows: whoever images it continues the other's chain, and either
/// brings every point back.
/// </summary>
[DiffersBySystem]
public sealed class RoamingTests : IDisposable
{
    private const long MiB = 1 << 20;
    private const long DiskBytes = 96 * MiB;
    private const int Turns = 7;

    /// <summary>A differential among the increments.</summary>
    private const int DifferentialTurn = 4;

    private static readonly (string FileSystem, long Offset, long Size)[] Volumes =
    [
        ("ext4", 1 * MiB, 40 * MiB), ("ntfs", 48 * MiB, 40 * MiB),
    ];

    private readonly TempFolder folder = new("roam");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("gpt", true, false)]
    [InlineData("gpt", false, true)]
    [InlineData("mbr", true, true)]
    [InlineData("mbr", false, false)]
    public void A_disk_that_goes_from_system_to_system_has_one_chain(string scheme, bool asDevice, bool encrypted)
    {
        Require();
        var random = Seed.Random($"{nameof(RoamingTests)}/{scheme}/{asDevice}/{encrypted}");
        var disk = MakeDisk(scheme);
        string[] key = encrypted ? ["--passphrase-file", folder.At("secret")] : [];
        string[] windowsKey = encrypted ? ["--passphrase-file", WineCli.PathOf(folder.At("secret"))] : [];
        File.WriteAllText(folder.At("secret"), "correct horse\n");

        var hashes = new List<string>();
        var (chain, identity) = ("", "");
        for (var turn = 0; turn < Turns; turn++)
        {
            Change(disk, random, first: turn == 0);
            hashes.Add(FileTree.Hash(disk));
            string[] kind = turn == DifferentialTurn ? ["--kind", "differential"] : [];
            var result = Backup(disk, asDevice, onWindows: turn % 2 == 1, [.. kind, .. turn % 2 == 1 ? windowsKey : key]);
            Assert.Equal(turn + 1, result.Number("sequence"));
            Assert.Equal(turn == 0 ? "full" : turn == DifferentialTurn ? "differential" : "incremental", result.Text("kind"));
            Assert.Equal(DiskBytes, result.Number("sourceBytes"));
            var (itsChain, itsIdentity) = (WineCli.UnixPathOf(result.Text("chain")), result.Text("identity").Split(' ')[0]);
            if (turn == 0)
            {
                (chain, identity) = (itsChain, itsIdentity);
                Assert.StartsWith(scheme == "gpt" ? "gpt-disk:" : "mbr-disk:", identity, StringComparison.Ordinal);
            }
            else
            {
                Assert.Equal((chain, identity), (itsChain, itsIdentity));
                Assert.InRange(result.Number("changedBytes"), 1, DiskBytes / 3);
            }
        }

        Assert.Equal([chain], Directory.GetDirectories(folder.At("store")));
        TidemarkCli.Run(["verify", chain, "--deep", .. key]).Succeeded();
        WineCli.Run(["verify", WineCli.PathOf(chain), "--deep", .. windowsKey]).Succeeded();
        for (var turn = 0; turn < Turns; turn++)
        {
            var image = string.Create(CultureInfo.InvariantCulture, $"{chain}@{turn + 1}");
            RestoreOnLinux(image, hashes[turn], key);
            RestoreOnWindows(image, hashes[turn], asDevice, windowsKey);
        }
    }

    [Theory]
    [InlineData("gpt", 0)]
    [InlineData("gpt", 1)]
    [InlineData("mbr", 1)]
    public void A_partition_is_known_on_both_systems_by_what_it_holds(string scheme, int number)
    {
        Require();
        var random = Seed.Random($"{nameof(RoamingTests)}/partition/{scheme}/{number}");
        var disk = MakeDisk(scheme);
        var (fileSystem, offset, size) = Volumes[number];
        var (chain, identity) = ("", "");
        for (var turn = 0; turn < 4; turn++)
        {
            Change(disk, random, first: turn == 0);
            using var partition = LoopDevice.Attach(disk, offset: offset, size: size);
            JsonElement result;
            if (turn % 2 == 0)
            {
                using var letter = WineCli.Attach(partition);
                result = WineCli.Run("backup", letter.Path, "--snapshot", "none", "--to", WineCli.PathOf(folder.At("store")), "--json").Succeeded().Result;
            }
            else
            {
                result = CommandLine.Cli.Backup(partition, folder.At("store"));
            }

            var its = (WineCli.UnixPathOf(result.Text("chain")), result.Text("identity").Split(' ')[0]);
            (chain, identity) = turn == 0 ? its : (chain, identity);
            Assert.Matches("/[D-V]-[0-9a-f]{8}$", chain);
            Assert.Equal((chain, identity), its);
            Assert.Equal((turn + 1L, turn == 0 ? "full" : "incremental"), (result.Number("sequence"), result.Text("kind")));
        }

        Assert.StartsWith(fileSystem == "ext4" ? "ext:" : "ntfs:", identity, StringComparison.Ordinal);
    }

    private static void Require()
    {
        Root.Require();
        WineCli.Require();
        Tool.Require("sfdisk");
        foreach (var (fileSystem, _, _) in Volumes)
        {
            Mount.Require(fileSystem);
        }
    }

    private string MakeDisk(string scheme)
    {
        var disk = folder.Sparse("disk.img", DiskBytes);
        var lines = Volumes.Select(volume => string.Create(
            CultureInfo.InvariantCulture, $"start={volume.Offset / 512}, size={volume.Size / 512}"));
        var label = scheme == "gpt" ? "gpt" : "dos";
        Tool.Start("sfdisk", ["--quiet", disk], Patience.Limit, $"label: {label}\n{string.Join('\n', lines)}\n").Succeeded();
        foreach (var (fileSystem, offset, size) in Volumes)
        {
            using var loop = LoopDevice.Attach(disk, offset: offset, size: size);
            FileSystemMaker.Make(loop, fileSystem);
        }

        return disk;
    }

    private void Change(string disk, Random random, bool first)
    {
        foreach (var (fileSystem, offset, size) in Volumes)
        {
            using var mount = Mount.OfFile(disk, offset, size, folder.Folder("mount"), fileSystem);
            if (first)
            {
                FileTree.Write(mount.Folder, random, 40, 12 * MiB);
            }
            else
            {
                FileTree.Change(mount.Folder, random, 8);
            }
        }
    }

    private JsonElement Backup(string disk, bool asDevice, bool onWindows, string[] more)
    {
        // Bit for bit; and what nothing holds still is read whole on one system, and by its map on the other.
        more = [.. more, "--all-blocks"];
        using var loop = asDevice ? LoopDevice.Attach(disk) : null;
        if (!onWindows)
        {
            return CommandLine.Cli.Backup(loop?.Path ?? disk, folder.At("store"), more);
        }

        using var letter = loop is null ? null : WineCli.Attach(loop);
        return WineCli.Run(
            [
                "backup", letter?.Path ?? WineCli.PathOf(disk), "--snapshot", "none", "--to", WineCli.PathOf(folder.At("store")), "--json",
                .. more,
            ]).Succeeded().Result;
    }

    private void RestoreOnLinux(string image, string hash, string[] key)
    {
        var target = folder.At("restored");
        TidemarkCli.Run(["restore", image, target, .. key]).Succeeded();
        Assert.Equal(hash, FileTree.Hash(target));
        File.Delete(target);
    }

    private void RestoreOnWindows(string image, string hash, bool asDevice, string[] key)
    {
        var target = folder.At("restored");
        if (asDevice)
        {
            folder.Sparse("restored", DiskBytes);
            using var loop = LoopDevice.Attach(target);
            using var letter = WineCli.Attach(loop);
            WineCli.Run(["restore", WineCli.PathOf(image), letter.Path, .. key]).Succeeded();
            loop.Flush();
        }
        else
        {
            WineCli.Run(["restore", WineCli.PathOf(image), WineCli.PathOf(target), .. key]).Succeeded();
        }

        Assert.Equal(hash, FileTree.Hash(target));
        File.Delete(target);
    }
}
