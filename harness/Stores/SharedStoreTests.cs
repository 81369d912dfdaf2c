using System.Buffers.Binary;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Tidemark.Interop.Linux;
using Xunit;
using TestCli = Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Stores;

/// <summary>Stores that belong to a group, and chains of a user that others can't read.</summary>
[Case("3.11")]
[DiffersBySystem]
public sealed class SharedStoreTests : IDisposable
{
    private const uint Group = 12345;

    private readonly TempFolder place = new("shared");

    public SharedStoreTests()
    {
        Root.Require();
        Tool.Require("stat", "sh", "setpriv");
    }

    public void Dispose() => place.Dispose();

    [Theory]
    [InlineData("2770", "077", "660", "2770")]
    [InlineData("2750", "022", "640", "2750")]
    [InlineData("2775", "002", "660", "2770")]
    [InlineData("770", "002", "600", "700")]
    [InlineData("777", "000", "600", "700")]
    [InlineData("755", "022", "600", "700")]
    public void What_is_made_follows_the_store_where_that_is_shared_on_purpose(string store, string umask, string file, string folder)
    {
        var source = TestCli.Noise(place, "source", 30_000);
        var path = place.Folder("store");
        Tool.Run("chgrp", Group.ToString(System.Globalization.CultureInfo.InvariantCulture), path);
        Tool.Run("chmod", store, path);
        File.WriteAllText(place.At("key"), "one");
        Shell(umask, "backup", source, "--to", path, "--passphrase-file", place.At("key"));
        var chain = Directory.GetDirectories(path).Single();
        Assert.Equal(folder, Mode(chain));
        var files = Directory.GetFiles(chain);
        Assert.Contains(files, f => f.EndsWith(".tdi", StringComparison.Ordinal));
        Assert.Contains(files, f => f.EndsWith("tidemark.lock", StringComparison.Ordinal));
        Assert.All(files, f => Assert.Equal(file, Mode(f)));
        if (store.StartsWith('2'))
        {
            Assert.All(files, f => Assert.Equal("12345", Tool.Run("stat", "-c", "%g", f).Output.Trim()));
        }
    }

    [Fact]
    public void A_default_access_list_says_who_may()
    {
        var source = TestCli.Noise(place, "source", 30_000);
        var path = place.Folder("store");
        Assert.SkipUnless(SetDefaultList(path), "The file system has no access lists.");
        Shell("077", "backup", source, "--to", path);
        var chain = Directory.GetDirectories(path).Single();

        // What the list gives to a group shows as the group's bits; others have nothing, whatever it says.
        Assert.Equal("770", Mode(chain));
        Assert.All(Directory.GetFiles(chain), f => Assert.Equal("660", Mode(f)));
    }

    [Fact]
    public void A_member_of_the_group_goes_on_with_a_chain_of_another()
    {
        var source = TestCli.Noise(place, "source", 30_000);
        var path = place.Folder("store");
        Tool.Run("chmod", "755", place);
        Tool.Run("chmod", "644", source);
        Tool.Run("chgrp", "12345", path);
        Tool.Run("chmod", "2770", path);
        Shell("022", "backup", source, "--to", path);
        TestCli.Overwrite(source, 0, 5000, 2);
        AsMember("backup", source, "--to", path).Succeeded();
        AsMember("verify", path).Succeeded();
        Shell("022", "backup", source, "--to", path);
        Assert.Equal(3, Directory.GetFiles(Directory.GetDirectories(path).Single(), "*.tdi").Length);
    }

    [Fact]
    public void A_chain_that_cannot_be_read_is_named_and_passed_over()
    {
        var source = TestCli.Noise(place, "source", 30_000);
        var other = TestCli.Noise(place, "other", 30_000, 2);
        var path = place.Folder("store");
        Tool.Run("chmod", "755", place);
        Tool.Run("chmod", "644", source, other);
        var hidden = TestCli.Backup(other, path, "--chain", "aaa").Text("chain");
        Tool.Run("chgrp", "12345", path);
        Tool.Run("chmod", "2770", path);
        AsMember("backup", source, "--to", path, "--json").Succeeded();
        AsMember("backup", source, "--to", path, "--json").Succeeded();
        var listed = AsMember("list", path, "--json").Succeeded().Output;
        Assert.Contains(hidden, listed, StringComparison.Ordinal);
        Assert.Contains("Permission denied", listed, StringComparison.Ordinal);
        Assert.Contains("UNREADABLE", AsMember("list", path).Succeeded().Output, StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetFiles(Directory.GetDirectories(path).Single(f => f != hidden), "*.tdi").Length);
        Assert.Contains("Nothing of " + hidden, AsMember("verify", path).EndedWith(TestCli.Damaged).Output, StringComparison.Ordinal);
    }

    private static void Shell(string umask, params string[] arguments)
    {
        var (program, leading) = TidemarkCli.Command;
        Tool.Run("sh", ["-c", "umask \"$0\" && exec \"$@\"", umask, program, .. leading, .. arguments]);
    }

    private static ToolResult AsMember(params string[] arguments)
    {
        var (program, leading) = TidemarkCli.Command;
        return Tool.Try(
            "setpriv", ["--reuid=54321", "--regid=54321", "--groups=12345", "--inh-caps=-all", "env", "HOME=/nonexistent", program, .. leading, .. arguments]);
    }

    private static string Mode(string path) => Tool.Run("stat", "-c", "%a", path).Output.Trim();

    /// <summary>u::rwx, g::rwx, mask rwx, a group of its own rwx, o::r-x; acl(5), linux/posix_acl_xattr.h.</summary>
    private static unsafe bool SetDefaultList(string folder)
    {
        (ushort Tag, ushort Permissions, uint Id)[] entries =
            [(1, 7, uint.MaxValue), (4, 7, uint.MaxValue), (8, 7, Group), (16, 7, uint.MaxValue), (32, 5, uint.MaxValue)];
        var list = new byte[4 + (entries.Length * 8)];
        BinaryPrimitives.WriteUInt32LittleEndian(list, 2);
        for (var i = 0; i < entries.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(list.AsSpan(4 + (i * 8)), entries[i].Tag);
            BinaryPrimitives.WriteUInt16LittleEndian(list.AsSpan(6 + (i * 8)), entries[i].Permissions);
            BinaryPrimitives.WriteUInt32LittleEndian(list.AsSpan(8 + (i * 8)), entries[i].Id);
        }

        fixed (byte* start = list)
        {
            return Libc.lsetxattr(folder, "system.posix_acl_default", start, (nuint)list.Length, 0) == 0;
        }
    }
}
