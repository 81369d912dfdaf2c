using Tidemark.Engine.Stores;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using TestCli = Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.RealFaults;

/// <summary>Stores in which somebody put what doesn't belong there: every verb ends soon, in little memory, with words.</summary>
public sealed class HostileStoreTests : IDisposable
{
    /// <summary>256 MiB for the whole of the heap: what a verb takes must not depend on what a file claims.</summary>
    private static readonly Dictionary<string, string?> littleMemory = new() { ["DOTNET_GCHeapHardLimit"] = "0x10000000" };

    private readonly TempFolder place = new("hostile");

    public void Dispose() => place.Dispose();

    [Theory]
    [InlineData("pipe")]
    [InlineData("socket")]
    [InlineData("zero device")]
    [InlineData("folder")]
    [InlineData("link to the first image")]
    [InlineData("link to itself")]
    [InlineData("link to a device")]
    [InlineData("file of 4 TiB")]
    [InlineData("empty file")]
    [InlineData("noise")]
    public void What_stands_where_an_image_should_be_hinders_nobody_for_long(string what)
    {
        var (source, store, chain) = Begin();
        Put(what, Path.Combine(chain, "000002.tdi"));
        var regular = what is "file of 4 TiB" or "empty file" or "noise";
        Run("list", store).EndedWith(TestCli.Done, TestCli.Damaged);
        Run("show", chain + "@1").Succeeded();
        Run("verify", store).EndedWith(regular ? TestCli.Damaged : TestCli.Done);
        Run("restore", chain + "@1", place.At("restored")).Succeeded();
        Assert.Equal(FileTree.Hash(source), FileTree.Hash(place.At("restored")));
        Run("restore", chain + "@2", place.At("second")).EndedWith(TestCli.WrongUse, TestCli.Damaged, TestCli.Failed);
        Run("diff", chain + "@1", chain + "@2").EndedWith(TestCli.WrongUse, TestCli.Damaged, TestCli.Failed);

        // Either it is stepped over, or it stands in the way and is named; it is never opened, followed or replaced.
        var next = Run("backup", source, "--to", store);
        if (next.EndedWith(TestCli.Done, TestCli.Failed).ExitCode == TestCli.Failed)
        {
            Assert.Contains("000002.tdi", next.Error, StringComparison.Ordinal);
        }

        Run("restore", chain + "@1", place.At("restored"), "--force").Succeeded();
        Assert.Equal(FileTree.Hash(source), FileTree.Hash(place.At("restored")));
    }

    [Theory]
    [InlineData(StoreNames.LockFile, "pipe")]
    [InlineData(StoreNames.LockFile, "zero device")]
    [InlineData(StoreNames.LockFile, "folder")]
    [InlineData(StoreNames.LockFile, "link to itself")]
    [InlineData(StoreNames.OwnerFile, "pipe")]
    [InlineData(StoreNames.OwnerFile, "socket")]
    [InlineData(StoreNames.OwnerFile, "zero device")]
    [InlineData(StoreNames.OwnerFile, "folder")]
    [InlineData(StoreNames.OwnerFile, "link to the first image")]
    [InlineData(StoreNames.OwnerFile, "file of 4 TiB")]
    [InlineData(StoreNames.OwnerFile, "noise")]
    public void What_stands_where_the_lock_should_be_is_named_and_left_alone(string name, string what)
    {
        var (source, store, chain) = Begin();
        File.Delete(Path.Combine(chain, name));
        Put(what, Path.Combine(chain, name));
        var image = FileTree.Hash(Path.Combine(chain, "000001.tdi"));
        var result = Run("backup", source, "--to", store);
        result.EndedWith(TestCli.Done, TestCli.Failed, TestCli.WrongUse);
        if (result.ExitCode != TestCli.Done)
        {
            Assert.Contains(name, result.Error, StringComparison.Ordinal);
        }

        Run("verify", chain).Succeeded();
        Assert.Equal(image, FileTree.Hash(Path.Combine(chain, "000001.tdi")));
    }

    [Fact]
    public void Names_of_any_kind_and_number_are_stepped_over()
    {
        var (source, store, chain) = Begin();
        var random = Seed.Random();
        string[] names =
        [
            "..tdi", "...", "000002.tdi.", "9223372036854775807.tdi.x", "00000000000000000000002.tdi", "-00001.tdi", "000002.000.tdi",
            "000002.99999999999.tdi", new string('9', 251) + ".tdi", new string('a', 255), "\u001b[2J.tdi", "keys-999999999999999999999.tdk",
            "..%2f..%2f000002.tdi", "000002.tdi.00000000000000000000000000000000.tmp.tmp",
        ];
        foreach (var name in names)
        {
            File.WriteAllText(Path.Combine(chain, name), "x");
            Directory.CreateDirectory(Path.Combine(store, name));
        }

        for (var i = 0; i < 3000; i++)
        {
            File.WriteAllBytes(Path.Combine(chain, $"{random.Next():x8}.{i}.tmp"), []);
        }

        Run("list", store).EndedWith(TestCli.Done, TestCli.Damaged);
        Run("verify", store).EndedWith(TestCli.Done, TestCli.Damaged);
        Run("backup", source, "--to", store).Succeeded();
        Run("restore", chain, place.At("restored")).Succeeded();
        Assert.Equal(FileTree.Hash(source), FileTree.Hash(place.At("restored")));
    }

    [Fact]
    public void An_image_that_changes_under_its_reader_is_damage_or_whole_and_never_wrong()
    {
        var (source, _, chain) = Begin(8 << 20);
        var path = Path.Combine(chain, "000001.tdi");
        var original = File.ReadAllBytes(path);
        var random = Seed.Random();
        var (damaged, done) = (0, 0);
        for (var round = 0; round < FaultRun.Rounds(4); round++)
        {
            File.Delete(place.At("restored"));
            using var run = RunningCli.Start("restore", chain, place.At("restored"), "--json");
            var until = DateTime.UtcNow.AddMilliseconds(300);
            using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            {
                while (DateTime.UtcNow < until && !run.HasEnded)
                {
                    if (random.Next(20) == 0)
                    {
                        file.SetLength(random.Next(original.Length));
                    }

                    file.Position = random.Next(original.Length);
                    file.WriteByte((byte)random.Next(256));
                }
            }

            var result = run.End().EndedWith(TestCli.Done, TestCli.Failed, TestCli.WrongUse, TestCli.Damaged);
            _ = result.ExitCode == TestCli.Done ? done++ : damaged++;
            if (result.ExitCode == TestCli.Done)
            {
                Assert.Equal(FileTree.Hash(source), FileTree.Hash(place.At("restored")));
            }

            File.WriteAllBytes(path, original);
        }

        Assert.True(damaged > 0, "nothing changed in time");
        FaultRun.Tell($"image changed under its reader: {damaged} restores said so, {done} were done before and right");
    }

    private static CliResult Run(params string[] arguments) => TidemarkCli.Run(arguments, littleMemory);

    private (string Source, string Store, string Chain) Begin(int length = 300_000)
    {
        Tool.Require("mkfifo", "mknod");
        var source = TestCli.Noise(place, "source", length);
        var store = place.At("store");
        return (source, store, TestCli.Backup(source, store).Text("chain"));
    }

    private static void Put(string what, string path)
    {
        switch (what)
        {
            case "pipe":
                Tool.Run("mkfifo", path);
                break;
            case "socket":
                using (var socket = new System.Net.Sockets.Socket(
                    System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified))
                {
                    // An address takes 108 bytes at most; the name goes to where it belongs afterwards.
                    var address = Path.Combine(Path.GetTempPath(), $"tidemark-{Guid.NewGuid():N}");
                    socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(address));
                    Tool.Run("mv", address, path);
                }

                break;
            case "zero device":
                Root.Require();
                Tool.Run("mknod", path, "c", "1", "5");
                break;
            case "folder":
                Directory.CreateDirectory(path);
                break;
            case "link to the first image":
                File.CreateSymbolicLink(path, "000001.tdi");
                break;
            case "link to itself":
                File.CreateSymbolicLink(path, Path.GetFileName(path));
                break;
            case "link to a device":
                File.CreateSymbolicLink(path, "/dev/zero");
                break;
            case "file of 4 TiB":
                using (var file = new FileStream(path, FileMode.Create))
                {
                    file.SetLength(4L << 40);
                }

                break;
            case "empty file":
                File.WriteAllBytes(path, []);
                break;
            default:
                var noise = new byte[100_000];
                new Random(1).NextBytes(noise);
                File.WriteAllBytes(path, noise);
                break;
        }
    }
}
