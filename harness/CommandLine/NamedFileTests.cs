using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>
/// What a disk file names besides itself is read where the user gave it, or where it is a plain file beside it whose format is
/// stated; everything else is refused with the reason, and nothing is stored.
/// </summary>
[Case("1.5")]
[DiffersBySystem]
public sealed class NamedFileTests : IDisposable
{
    private const int MiB = 1 << 20;

    private readonly TempFolder folder = new("named");

    public NamedFileTests() => Tool.Require("qemu-img", "qemu-io", "qemu-nbd");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("relative")]
    [InlineData("absolute")]
    [InlineData("link beside")]
    [InlineData("up and down")]
    [InlineData("nested")]
    public void A_backing_file_elsewhere_is_read_only_if_it_is_given(string way)
    {
        var secret = Cli.Noise(folder, "secret", MiB);
        var disks = folder.Folder("disks");
        var name = way switch
        {
            "relative" => "../secret",
            "absolute" => secret,
            "up and down" => "../disks/../secret",
            _ => "link",
        };
        File.CreateSymbolicLink(Path.Combine(disks, "link"), "../secret");
        var child = Path.Combine(disks, "child.qcow2");
        Overlay(child, name, "raw");
        string[] files = [child];
        if (way == "nested")
        {
            var top = Path.Combine(disks, "top.qcow2");
            Overlay(top, "child.qcow2", "qcow2");
            files = [top];
        }

        Assert.Contains("lies outside its folder", Refused(files), StringComparison.Ordinal);
        string[] all = way == "nested" ? [.. files, child, secret] : [.. files, secret];
        var chain = TidemarkCli.Run(["import", .. all, "--to", folder.At("store"), "--json"]).Succeeded().Result;
        Assert.Equal(all.Length, chain.GetProperty("images").GetArrayLength());
        TidemarkCli.Run("restore", chain.Text("chain"), folder.At("back")).Succeeded();
        Assert.Equal(FileTree.Hash(secret), FileTree.Hash(folder.At("back")));
    }

    [Fact]
    public void A_folder_reached_by_a_link_leads_where_the_kernel_goes()
    {
        // As text, "../base" is beside the link; for the kernel it is beside the folder behind it.
        var outside = folder.Folder("outside");
        Directory.CreateDirectory(Path.Combine(outside, "real"));
        Cli.Noise(folder, "base", MiB, 1);
        File.Copy(Cli.Noise(folder, "other", MiB, 2), Path.Combine(outside, "base"));
        Directory.CreateSymbolicLink(folder.At("link"), Path.Combine(outside, "real"));
        Overlay(Path.Combine(outside, "real", "child.qcow2"), "../base", "raw");
        var child = folder.At("link", "child.qcow2");
        Assert.Contains("lies outside its folder", Refused(child), StringComparison.Ordinal);
        var result = TidemarkCli.Run("import", child, Path.Combine(outside, "base"), "--to", folder.At("store"), "--json").Succeeded().Result;
        TidemarkCli.Run("restore", result.Text("chain"), folder.At("back")).Succeeded();
        Assert.Equal(FileTree.Hash(folder.At("other")), FileTree.Hash(folder.At("back")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_device_a_pipe_and_a_folder_are_no_backing_files(bool byLink)
    {
        Root.Require();
        Tool.Require("mkfifo");
        using var loop = LoopDevice.Attach(Cli.Noise(folder, "disk", MiB));
        Tool.Run("mkfifo", folder.At("pipe"));
        foreach (var (path, kind) in new[]
        {
            (loop.Path, "a block device"), ("/dev/zero", "a character device"), (folder.At("pipe"), "a pipe"), (folder.Path, "a folder"),
        })
        {
            var name = path;
            if (byLink)
            {
                File.Delete(folder.At("beside"));
                File.CreateSymbolicLink(folder.At("beside"), path);
                name = "beside";
            }

            Overlay(folder.At("child.qcow2"), name, "raw");
            Assert.Contains($"is {kind}", Refused(folder.At("child.qcow2")), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("json:{\"driver\":\"file\",\"filename\":\"/etc/passwd\"}")]
    [InlineData("file:/etc/passwd")]
    [InlineData("nbd://localhost/x")]
    [InlineData("fat:rw:/etc")]
    [InlineData("https://example.org/disk")]
    public void A_name_that_means_something_else_is_refused(string name)
    {
        Overlay(folder.At("child.qcow2"), name, "raw");
        Assert.Contains("isn't the name of a file", Refused(folder.At("child.qcow2")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_backing_file_is_named_and_one_given_under_its_name_is_taken()
    {
        Overlay(folder.At("child.qcow2"), "/gone/base.qcow2", "qcow2");
        Assert.Contains("/gone/base.qcow2, which is not there", Refused(folder.At("child.qcow2")), StringComparison.Ordinal);
        folder.Folder("moved");
        var moved = folder.At("moved", "BASE.qcow2");
        Tool.Run("qemu-img", "create", "-q", "-f", "qcow2", moved, "1M");
        Tool.Run("qemu-io", "-f", "qcow2", "-c", "write -P 5 0 64k", moved);
        var result = TidemarkCli.Run("import", folder.At("child.qcow2"), moved, "--to", folder.At("store"), "--json").Succeeded().Result;
        Assert.Equal(2, result.GetProperty("images").GetArrayLength());
        TidemarkCli.Run("restore", result.Text("chain"), folder.At("back")).Succeeded();
        Assert.Equal(5, File.ReadAllBytes(folder.At("back"))[65535]);
    }

    [Fact]
    public void A_format_that_is_not_stated_is_not_guessed()
    {
        Cli.Noise(folder, "base", MiB);
        Overlay(folder.At("child.qcow2"), "base", null);
        Assert.Contains("doesn't say in which format", Refused(folder.At("child.qcow2")), StringComparison.Ordinal);
        TidemarkCli.Run("import", folder.At("child.qcow2"), folder.At("base"), "--to", folder.At("store"), "--json").Succeeded();
    }

    [Theory]
    [InlineData("vmdk")]
    [InlineData("vdi")]
    [InlineData("qed")]
    [InlineData("parallels")]
    [InlineData("vpc")]
    public void A_backing_file_of_another_format_is_refused_though_it_is_beside_it(string format)
    {
        Cli.Noise(folder, "base", MiB);
        Overlay(folder.At("child.qcow2"), "base", format);
        Assert.Contains($"which is {format}", Refused(folder.At("child.qcow2")), StringComparison.Ordinal);
        Assert.Contains($"which is {format}", Refused(folder.At("child.qcow2"), folder.At("base")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_raw_base_that_its_guest_made_look_like_a_disk_file_stays_raw()
    {
        var secret = Cli.Noise(folder, "secret", MiB);
        var raw = Cli.Noise(folder, "base.raw", MiB, 2);
        Overlay(folder.At("forged"), secret, "raw");
        var forged = File.ReadAllBytes(folder.At("forged")).AsSpan(0, 512).ToArray();
        using (var file = File.OpenWrite(raw))
        {
            file.Write(forged);
        }

        Overlay(folder.At("child.qcow2"), "base.raw", "raw");
        foreach (string[] files in (string[][])[[folder.At("child.qcow2")], [folder.At("child.qcow2"), raw]])
        {
            var result = TidemarkCli.Run(["import", .. files, "--to", folder.At($"store{files.Length}"), "--json"]).Succeeded().Result;
            foreach (var image in result.GetProperty("images").EnumerateArray())
            {
                TidemarkCli.Run("restore", $"{result.Text("chain")}@{image.Number("sequence")}", folder.At("back"), "--force").Succeeded();
                Assert.Equal(FileTree.Hash(raw), FileTree.Hash(folder.At("back")));
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_external_data_file_is_read_only_if_it_is_given(bool inBacking)
    {
        var disk = folder.At("disk.qcow2");
        Tool.Run("qemu-img", "create", "-q", "-f", "qcow2", "-o", $"data_file={folder.At("data")}", disk, "1M");
        Tool.Run("qemu-io", "-f", "qcow2", "-c", "write -P 7 64k 64k", disk);
        string[] files = [disk];
        if (inBacking)
        {
            Overlay(folder.At("top.qcow2"), "disk.qcow2", "qcow2");
            files = [folder.At("top.qcow2")];
        }

        Assert.Contains("keeps its content in another file", Refused(files), StringComparison.Ordinal);
        var result = TidemarkCli.Run(["import", .. files, folder.At("data"), "--to", folder.At("store"), "--json"]).Succeeded().Result;
        Assert.Equal(1, result.GetProperty("images").GetArrayLength());
        TidemarkCli.Run("restore", result.Text("chain"), folder.At("back")).Succeeded();
        Tool.Run("qemu-img", "compare", "-f", "qcow2", "-F", "raw", files[0], folder.At("back"));
    }

    [Fact]
    public void A_data_file_that_is_a_device_or_not_named_is_refused()
    {
        Root.Require();
        using var loop = LoopDevice.Attach(Cli.Noise(folder, "content", 4 * MiB));
        var disk = folder.At("disk.qcow2");
        Tool.Run("qemu-img", "create", "-q", "-f", "qcow2", "-o", $"data_file={folder.At("data")},data_file_raw=on", disk, "1M");
        File.Delete(folder.At("data"));
        File.CreateSymbolicLink(folder.At("data"), loop.Path);
        Assert.Contains("is a block device", Refused(disk), StringComparison.Ordinal);

        // The extension that names it, made one that nobody knows.
        var bytes = File.ReadAllBytes(disk);
        var at = bytes.AsSpan().IndexOf("DATA"u8);
        bytes[at] = (byte)'X';
        File.WriteAllBytes(disk, bytes);
        Assert.Contains("doesn't name it", Refused(disk), StringComparison.Ordinal);
    }

    private static void Overlay(string path, string backing, string? format)
    {
        File.Delete(path);
        string[] stated = ["-F", format ?? "raw"];
        Tool.Run("qemu-img", ["create", "-q", "-u", "-f", "qcow2", .. stated, "-b", backing, path, "1M"]);
        if (format is null)
        {
            // The extension with the format becomes one that nobody knows.
            var bytes = File.ReadAllBytes(path);
            bytes[bytes.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xE2, 0x79, 0x2A, 0xCA])] = 0x7F;
            File.WriteAllBytes(path, bytes);
        }
    }

    private string Refused(params string[] files)
    {
        var message = TidemarkCli.Run(["import", .. files, "--to", folder.At("refused"), "--json"]).Refused(Cli.Failed, "failed");
        Assert.False(Directory.Exists(folder.At("refused")));
        return message;
    }
}
