using System.Text.Json;
using Tidemark.Engine.Devices.VirtualDisks.Vhd;
using Tidemark.Engine.Devices.VirtualDisks.Vhdx;
using Tidemark.Harness.Support;
using Tidemark.Harness.VirtualDisks;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>Parents of differencing disks: found among what is given first, and all of them before anything is stored.</summary>
[DiffersBySystem]
public sealed class ImportParentTests : IDisposable
{
    private const int MiB = 1 << 20;

    private readonly TempFolder folder = new("parents");

    public void Dispose() => folder.Dispose();

    [Theory]
    [Case("3.6")]
    [InlineData("vhd")]
    [InlineData("vhdx")]
    [InlineData("qcow2")]
    public void Parents_that_are_given_are_used_wherever_they_are_and_whatever_they_are_called(string format)
    {
        var (files, hashes) = ThreeGenerations(format);
        var away = folder.Folder("away");
        string[] given =
        [
            Moved(files[0], Path.Combine(away, $"1.{format}")),

            // Of a VHD or VHDX the id tells; of a qcow2 file, its name.
            Moved(files[1], folder.At(format == "qcow2" ? $"2.{format}" : $"whatever.{format}")),
            Moved(files[2], Path.Combine(folder.Folder("far"), $"3.{format}")),
        ];
        var result = TidemarkCli.Run("import", given[2], given[0], given[1], "--to", folder.At("store"), "--json").Succeeded().Result;
        Assert.Equal(given, result.GetProperty("images").EnumerateArray().Select(i => i.Text("file")));
        Assert.Empty(Notes(result));
        RequireHashes(result, hashes);
    }

    [Theory]
    [Case("3.6")]
    [InlineData("vhd")]
    [InlineData("vhdx")]
    [InlineData("qcow2")]
    public void Nothing_is_stored_where_a_parent_of_the_last_file_is_missing(string format)
    {
        var (files, _) = ThreeGenerations(format);
        File.Move(files[1], folder.Folder("gone") + $"/x.{format}");
        var message = TidemarkCli.Run("import", files[0], files[2], "--to", folder.At("imported"), "--chain", "c", "--json")
            .Refused(Cli.Failed, "failed");
        Assert.Contains(format == "qcow2" ? "is not there" : "was not found", message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.At("imported")));
    }

    [Theory]
    [Case("3.6")]
    [InlineData("vhd", false)]
    [InlineData("vhdx", false)]
    [InlineData("vhd", true)]
    public void A_parent_beside_the_child_is_found_in_any_letter_case_and_by_links(string format, bool byLink)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Names that differ in case alone, and links, are Linux's.");
        var (files, hashes) = ThreeGenerations(format);
        var odd = Moved(files[0], folder.At($"1.{format.ToUpperInvariant()}"));
        var child = files[1];
        if (byLink)
        {
            Directory.CreateSymbolicLink(folder.At("link"), folder.Folder("inner"));
            Moved(files[1], folder.At("inner", $"2.{format}"));
            File.CreateSymbolicLink(folder.At("inner", Path.GetFileName(odd)), odd);
            child = folder.At("link", $"2.{format}");
        }

        var alone = TidemarkCli.Run("import", child, "--to", folder.At("store"), "--json").Succeeded().Result;
        Assert.Contains("wasn't given", Assert.Single(Notes(alone)), StringComparison.Ordinal);
        TidemarkCli.Run("restore", alone.Text("chain"), folder.At("back")).Succeeded();
        Assert.Equal(hashes[1], FileTree.Hash(folder.At("back")));
    }

    [Theory]
    [Case("2.3")]
    [InlineData("vhd", 0x00)]
    [InlineData("vhd", 0xFF)]
    [InlineData("vhdx", 0x00)]
    [InlineData("vhdx", 0xFF)]
    public void Unrelated_disks_without_an_id_get_a_chain_each(string format, byte filler)
    {
        var none = new Guid(Enumerable.Repeat(filler, 16).ToArray());
        string[] files = [folder.At($"a.{format}"), folder.At($"b.{format}")];
        for (var i = 0; i < files.Length; i++)
        {
            File.WriteAllBytes(files[i], Disk(format, none, Disks.Pattern(2 * MiB, 10 + i)));
        }

        var set = TidemarkCli.Run("backup", files[0], files[1], "--to", folder.At("store"), "--json").Succeeded();
        var chains = set.Events.Where(e => e.Text("event") == "image").Select(e => e.Text("chain")).ToArray();
        Assert.Equal(2, chains.Distinct().Count());
        for (var i = 0; i < files.Length; i++)
        {
            Assert.Equal(chains[i], Cli.Backup(files[i], folder.At("store")).Text("chain"));
        }

        var refused = TidemarkCli.Run("import", files[0], files[1], "--to", folder.At("imported"), "--json").Refused(Cli.WrongUse, "wrongUse");
        Assert.Contains("don't build on each other", refused, StringComparison.Ordinal);
    }

    [Theory]
    [Case("2.3")]
    [InlineData("vhd")]
    [InlineData("vhdx")]
    public void A_parent_without_an_id_is_taken_by_its_name_alone_and_that_is_said(string format)
    {
        var content = Disks.Pattern(2 * MiB, 1);
        var other = Disks.Pattern(2 * MiB, 2);
        File.WriteAllBytes(folder.At($"base.{format}"), Disk(format, Guid.Empty, content));
        File.WriteAllBytes(folder.At($"other.{format}"), Disk(format, Guid.Empty, other));
        var change = Disks.Pattern(MiB, 3);
        var child = folder.At($"child.{format}");
        File.WriteAllBytes(child, Disk(format, Guid.NewGuid(), change, Guid.Empty, $"base.{format}"));
        change.CopyTo(content, 0);
        var result = TidemarkCli.Run("backup", child, "--to", folder.At("store"), "--json").Succeeded().Result;
        Assert.Contains(result.GetProperty("notes").EnumerateArray(), n => n.GetString()!.Contains("by its name alone", StringComparison.Ordinal));
        TidemarkCli.Run("restore", result.Text("chain"), folder.At("back")).Succeeded();
        Assert.Equal(content, File.ReadAllBytes(folder.At("back")));

        // One that has an id isn't it, and what isn't named isn't guessed.
        File.WriteAllBytes(folder.At($"base.{format}"), Disk(format, Guid.NewGuid(), other));
        TidemarkCli.Run("import", child, folder.At($"other.{format}"), "--to", folder.At("x"), "--json").Refused(Cli.Failed, "failed");
    }

    private static byte[] Disk(string format, Guid id, byte[] content, Guid? parent = null, string parentName = "")
    {
        if (format == "vhd")
        {
            var vhd = new VhdBuilder(2 * MiB, id)
            {
                ParentId = parent,
                ParentNames = parent is null ? [] : [(VhdParentLocator.RelativeWindowsPath, $@".\{parentName}")],
            };
            vhd.Write(0, content);
            return vhd.BuildDynamic();
        }

        var vhdx = new VhdxBuilder(2 * MiB)
        {
            DiskId = id,
            DataWriteGuid = id,
            Parent = parent is null ? null : new VhdxParentLocator(
            [
                new(VhdxParentLocator.Linkage, parent.Value.ToString("B")), new(VhdxParentLocator.RelativePath, $@".\{parentName}"),
            ]),
        };
        vhdx.Write(0, content);
        return vhdx.Build();
    }

    private static string Moved(string from, string to)
    {
        File.Move(from, to);
        return to;
    }

    private static IEnumerable<string> Notes(JsonElement result) => result.GetProperty("notes").EnumerateArray().Select(n => n.GetString()!);

    private (string[] Files, string[] Hashes) ThreeGenerations(string format)
    {
        if (format == "qcow2")
        {
            Tool.Require("qemu-nbd");
        }

        var source = Cli.Noise(folder, "source", 2 * MiB);
        var files = new string[3];
        var hashes = new string[3];
        for (var i = 0; i < 3; i++)
        {
            var chain = Cli.Backup(source, folder.At("made")).Text("chain");
            hashes[i] = FileTree.Hash(source);
            files[i] = folder.At($"{i + 1}.{format}");
            string[] below = i == 0 ? [] : ["--base", files[i - 1]];
            TidemarkCli.Run(["export", chain, files[i], .. below]).Succeeded();
            Cli.Overwrite(source, (i + 1) * 500_000, 100_000, 20 + i);
        }

        return (files, hashes);
    }

    private void RequireHashes(JsonElement result, string[] hashes)
    {
        for (var i = 0; i < hashes.Length; i++)
        {
            TidemarkCli.Run("restore", $"{result.Text("chain")}@{i + 1}", folder.At("back"), "--force").Succeeded();
            Assert.Equal(hashes[i], FileTree.Hash(folder.At("back")));
        }
    }
}
