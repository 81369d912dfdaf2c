using Tidemark.Engine;
using Tidemark.Engine.Devices.VirtualDisks;
using Tidemark.Engine.Devices.VirtualDisks.Vhd;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using static Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.VirtualDisks;

/// <summary>VHDs whose footer says two sizes: the disk has all that the file holds of either, and both are named.</summary>
[Case("2.5")]
public sealed class VhdSizeTests : IDisposable
{
    private const int Size = 8 << 20;
    private const int Footer = VhdFooter.Size;

    private static readonly Guid Id = new("0d9c1f6e-52b5-4e9a-8f0a-6a2f5f1b7c01");
    private static readonly Guid ChildId = new("0d9c1f6e-52b5-4e9a-8f0a-6a2f5f1b7c02");

    /// <summary>8 MiB are 16384 sectors; this is about half, and that about twice as many.</summary>
    private static readonly VhdGeometry Half = new(120, 4, 17);
    private static readonly VhdGeometry Twice = new(480, 4, 17);

    private readonly TempFolder folder = new("vhdsize");

    public void Dispose() => folder.Dispose();

    public static TheoryData<string, string> Kinds => new()
    {
        { "vpc ", "fixed" }, { "vpc ", "dynamic" }, { "vpc ", "differencing" },
        { "qemu", "fixed" }, { "qemu", "dynamic" }, { "qemu", "differencing" },
        { "win ", "fixed" }, { "win ", "dynamic" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_geometry_below_or_above_cuts_nothing_off(string creator, string kind)
    {
        var content = Disks.Pattern(Size, 3);
        foreach (var geometry in new[] { Half, Twice })
        {
            using var disk = Open(creator, kind, content, footer => footer with { Geometry = geometry });
            Assert.Equal(content, Disks.ReadAll(disk));
            var note = Assert.Single(disk.Notes);
            Assert.Contains($"{Size} bytes and by its geometry {geometry.Bytes}", note, StringComparison.Ordinal);
            Assert.Contains($"{Size} bytes are taken", note, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("vpc ")]
    [InlineData("qemu")]
    public void A_current_size_below_what_the_geometry_says_cuts_nothing_off_that_is_there(string creator)
    {
        var content = Disks.Pattern(Size, 4);
        var exact = new VhdGeometry(240, 4, 17);
        using var disk = Open(creator, "fixed", content, footer => footer with { CurrentSize = Size / 2, Geometry = exact });
        Assert.Equal(content[..(int)exact.Bytes], Disks.ReadAll(disk));
        Assert.Contains($"{Size / 2} bytes and by its geometry {exact.Bytes}", Assert.Single(disk.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Sizes_that_a_rounded_geometry_explains_are_not_named()
    {
        var content = Disks.Pattern(Size, 5);
        foreach (var geometry in new[] { VhdGeometry.Of(Size), new VhdGeometry(241, 4, 17), VhdGeometry.Largest, default })
        {
            using var disk = Open("vpc ", "fixed", content, footer => footer with { Geometry = geometry });
            Assert.Equal(Size, disk.Length);
            Assert.Empty(disk.Notes);
        }
    }

    [Fact]
    public void A_file_that_lacks_its_end_is_damaged_whatever_its_geometry_says()
    {
        var file = Build("fixed", "vpc ", Disks.Pattern(Size, 6), footer => footer with { CurrentSize = 2 * Size, Geometry = Twice });
        var thrown = Assert.Throws<TidemarkException>(() => Disks.Open(file));
        Assert.Contains("cut off", thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fixed")]
    [InlineData("dynamic")]
    public void Every_verb_takes_all_of_it_and_names_both_sizes(string kind)
    {
        var content = Disks.Pattern(Size, 7);
        var path = folder.At("disk.vhd");
        File.WriteAllBytes(path, Build(kind, "vpc ", content, footer => footer with { Geometry = Half }));
        var backup = Backup(path, folder.At("store"));
        Assert.Equal(Size, backup.Number("sourceBytes"));
        Assert.Contains(backup.GetProperty("notes").EnumerateArray(), NamesBoth);
        TidemarkCli.Run("restore", backup.Text("chain"), folder.At("back")).Succeeded();
        Assert.Equal(content, File.ReadAllBytes(folder.At("back")));
        var imported = TidemarkCli.Run("import", path, "--to", folder.At("imported"), "--json").Succeeded().Result;
        Assert.Equal(Size, imported.GetProperty("images")[0].Number("sourceBytes"));
        var verified = TidemarkCli.Run("verify", backup.Text("chain"), "--against", path, "--json").Succeeded();
        Assert.Contains(verified.Events, e => e.Text("event") == "warning" && NamesBoth(e.GetProperty("message")));
        Assert.Contains(
            TidemarkCli.Run("heal", backup.Text("chain"), "--from", path, "--json").Succeeded().Events,
            e => e.Text("event") == "warning" && NamesBoth(e.GetProperty("message")));

        static bool NamesBoth(System.Text.Json.JsonElement note) =>
            note.GetString()!.Contains($"{Size} bytes and by its geometry {Half.Bytes}", StringComparison.Ordinal);
    }

    private static VirtualDisk Open(
        string creator, string kind, byte[] content, Func<VhdFooter, VhdFooter> change)
    {
        var parent = new VhdBuilder(content.Length, Id);
        parent.Write(0, content);
        return Disks.Open(Build(kind, creator, content, change), Disks.From(("base.vhd", parent.BuildDynamic())));
    }

    private static byte[] Build(string kind, string creator, byte[] content, Func<VhdFooter, VhdFooter> change)
    {
        var builder = new VhdBuilder(content.Length, kind == "differencing" ? ChildId : Id)
        {
            Creator = creator,
            ParentId = kind == "differencing" ? Id : null,
            ParentNames = [(VhdParentLocator.RelativeWindowsPath, "base.vhd")],
        };

        // The last sector is what was cut off; a differencing disk has it from its parent.
        builder.Write(0, content.AsSpan(0, kind == "differencing" ? 4096 : content.Length));
        var file = kind == "fixed" ? builder.BuildFixed() : builder.BuildDynamic();
        var footer = change(VhdFooter.Read(file.AsSpan(file.Length - Footer), out _)!);
        footer.Write(file.AsSpan(file.Length - Footer));
        if (kind != "fixed")
        {
            footer.Write(file);
        }

        return file;
    }
}
