using Tidemark.Engine.Io;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using static Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Files;

/// <summary>Names are bytes: they come as they were, or are refused; none means another.</summary>
[Case("2.8")]
public sealed class RawNameTests : IDisposable
{
    private readonly TempFolder folder = new("names");

    public void Dispose()
    {
        if (OperatingSystem.IsLinux())
        {
            // Of these names the runtime knows nothing.
            Tool.Run("find", folder, "-mindepth", "1", "-delete");
        }

        folder.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Names_and_links_come_byte_for_byte(bool asRoot)
    {
        Mount.Require("ext4");
        OrdinaryUser.Require();
        Tool.Require("mkfs.ext4", "nbdfuse");
        var files = folder.Folder("files");
        Shell(files, """
            printf latin > "$(printf 'caf\351')"; printf one > "$(printf 'c\001x')"; printf two > "$(printf 'c\002x')"; printf three > 'c^x'
            printf line > "$(printf 'new\nline')"; printf mark > "$(printf '\357\277\275')"; printf arrow > 'a -> b'
            ln -s "$(printf 'to\351')" link; ln -s "$(printf 'to\001')" "$(printf 'l\002')"
            mkdir "$(printf 'd\377')"; printf deep > "$(printf 'd\377/\376')"
            """);
        var disk = folder.Sparse("disk", 16 << 20);
        Tool.Run("mkfs.ext4", "-q", "-F", "-d", files, disk);
        var chain = Backup(disk, folder.At("store")).Text("chain");
        string[] arguments = ["extract", chain, "/", "--to", folder.At("to"), "--json"];
        var result = asRoot ? TidemarkCli.Run(arguments).Succeeded().Result : TidemarkCli.Events(OrdinaryUser.Run(folder, arguments).Succeeded())[^1];
        Assert.Equal((8L, 2L), (result.Number("files"), result.Number("links")));
        Tool.Run("rmdir", folder.At("to", "volume", "lost+found"));
        Tool.Run("diff", "--recursive", "--no-dereference", files, folder.At("to", "volume"));

        arguments = ["ls", chain, "/", "--json"];
        var listed = (asRoot ? TidemarkCli.Run(arguments).Succeeded().Events : TidemarkCli.Events(OrdinaryUser.Run(folder, arguments).Succeeded())).Where(e => e.Text("event") == "file").ToArray();
        Assert.Equal(listed.Length, listed.Select(e => e.Text("path")).Distinct().Count());
        var latin = listed.Single(e => e.Text("path") == "/caf\\xE9");
        Assert.Equal("/caf\u00E9", System.Text.Encoding.Latin1.GetString(latin.GetProperty("rawPath").GetBytesFromBase64()));
        Assert.Equal(5, latin.Number("bytes"));
    }

    [Fact]
    public void Paths_in_an_image_are_taken_byte_for_byte_and_other_places_are_refused()
    {
        Mount.Require("ext4");
        Tool.Require("mkfs.ext4", "nbdfuse");
        Assert.SkipUnless(File.Exists("/dev/fuse"), "Needs FUSE (/dev/fuse isn't there).");
        var files = folder.Folder("files");
        Shell(files, "printf latin > \"$(printf 'caf\\351')\"; printf other > \"$(printf 'caf\\352')\"");
        var disk = folder.Sparse("disk", 16 << 20);
        Tool.Run("mkfs.ext4", "-q", "-F", "-d", files, disk);
        var chain = Backup(disk, folder.At("store")).Text("chain");
        Assert.Equal(Done, Tidemark($"extract '{chain}' \"$(printf 'caf\\351')\" --to to"));
        Assert.Equal("latin", Shell(folder.At("to"), "cat \"$(printf 'caf\\351')\"").Output);
        Assert.Equal(WrongUse, Tidemark($"extract '{chain}' \"$(printf 'caf\\353')\" --to to2"));
        // No folder of a name like it is made.
        Assert.Equal(WrongUse, Tidemark($"extract '{chain}' / --to \"$(printf 'to\\351')\""));
        Assert.Equal(WrongUse, Tidemark("backup disk --to \"$(printf 'store\\351')\""));
        Assert.Equal(WrongUse, Tidemark("list \"$(printf 'store\\351')\""));
        Shell(folder, "mkdir \"$(printf 'w\\351')\"");
        Assert.Equal(WrongUse, Tidemark("backup ../disk --to store", "cd \"$(printf 'w\\351')\";"));
        Assert.Equal(["disk", "files", "store", "to"], Directory.GetFileSystemEntries(folder).Select(path => Path.GetFileName(path)).Where(name => !name.StartsWith('w')).Order());
    }

    [Fact]
    public void A_chain_in_a_folder_of_such_a_name_is_listed_and_verified()
    {
        OnlyOn.Linux();
        var chain = Backup(Noise(folder, "source", 1 << 20), folder.At("store")).Text("chain");
        Shell(folder.At("store"), $"mv '{chain}' \"$(printf 'ch\\351')\"");
        Assert.Equal(1, TidemarkCli.Run("list", folder.At("store"), "--json").Succeeded().Result.Number("chains"));
        var verified = TidemarkCli.Run("verify", folder.At("store"), "--json").Succeeded().Process.Output;
        Assert.Contains("ch\\\\xE9", verified, StringComparison.Ordinal);
        Shell(folder.At("store"), "printf x | dd of=\"$(ls -d ch*/*.tdi* | head -1)\" bs=1 seek=600 conv=notrunc status=none");
        TidemarkCli.Run("verify", folder.At("store"), "--json").EndedWith(Damaged);
    }

    [SeededProperty]
    public void Bytes_become_a_name_and_that_the_bytes_again(int seed)
    {
        var random = new Random(seed);
        var bytes = new byte[random.Next(40)];
        random.NextBytes(bytes);
        // Parts of UTF-8, whole and cut, and surrogates in it.
        if (random.Next(2) == 0)
        {
            bytes = [.. bytes, .. "é€😀"u8[..random.Next(9)], 0xED, 0xB2, 0x80, .. bytes];
        }

        Assert.Equal(bytes, RawName.Encode(RawName.Decode(bytes)));
        Assert.Equal(RawName.IsText(RawName.Decode(bytes)), bytes.AsSpan().SequenceEqual(System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(bytes))));
    }

    private static ToolResult Shell(string at, string script) => Tool.Run("sh", "-c", $"cd '{at}' && {script.ReplaceLineEndings("; ").TrimEnd(' ', ';')}");

    private int Tidemark(string arguments, string before = "")
    {
        var (program, leading) = TidemarkCli.Command;
        return Tool.Try("sh", ["-c", $"cd '{folder.Path}' && {before} exec \"$@\" {arguments}", "sh", program, .. leading]).ExitCode;
    }
}
