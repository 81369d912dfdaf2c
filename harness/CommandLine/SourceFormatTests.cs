using System.Text;
using Tidemark.Engine;
using Tidemark.Engine.Devices.VirtualDisks.Vhd;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.Imports;
using Tidemark.Engine.Progress;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>A file is taken for what it is, or is said to be; what can't be told is named, and --format settles it.</summary>
[Case("2.6")]
[DiffersBySystem]
public sealed class SourceFormatTests : IDisposable
{
    private const int MiB = 1 << 20;

    private readonly TempFolder folder = new("format");

    public void Dispose() => folder.Dispose();

    /// <summary>Where the mark stands, the mark in hexadecimal digits, and what the message calls it.</summary>
    public static TheoryData<int, string, string> Marks => new()
    {
        { 0, "4B444D56", "VMDK" },
        { 0, "434F5744", "VMDK" },
        { 0, Hex("# Disk DescriptorFile\nversion=1\n"), "VMDK" },
        { 0, Hex("\r\nversion=1\nCID=fffffffe\ncreateType=\"monolithicFlat\"\n"), "VMDK" },
        { 0x40, "7F10DABE", "VDI" },
        { 0, "51454400", "QED" },
        { 0, Hex("WithoutFreeSpace"), "Parallels" },
        { 0, Hex("WithouFreSpacExt"), "Parallels" },
        { 0, "1F8B08", "gzip" },
        { 0, "FD377A585A00", "xz" },
        { 0, "28B52FFD", "zstd" },
        { 0, "504B0304", "zip" },
        { 0, "04224D18", "LZ4" },
        { 0, "425A6839314159265359", "bzip2" },
        { 0, "377ABCAF271C", "7z" },
        { 257, Hex("ustar"), "tar" },
        { 0, "455646090D0AFF00", "E01" },
        { 0, "455646320D0A8100", "Ex01" },
        { 0, Hex("MSWIM\0\0\0"), "WIM" },
        { MiB - 512, Hex("koly"), "DMG" },
    };

    [Theory]
    [MemberData(nameof(Marks))]
    public void What_looks_like_another_format_is_refused_by_import_and_warned_of_by_others(int offset, string mark, string name)
    {
        var file = Cli.Noise(folder, "file", MiB);
        Put(file, offset, Convert.FromHexString(mark));
        var request = new ImportRequest { Files = [SourceLocation.Parse(file)], Store = StoreLocation.Parse(folder.At("store")) };
        var refused = Assert.Throws<TidemarkException>(() => Import.Run(request, _ => { }, NoObserver.Instance));
        Assert.Equal(TidemarkError.WrongUse, refused.Error);
        Assert.Contains(name, refused.Message, StringComparison.Ordinal);
        Assert.Equal(Advice.SayRaw, refused.Advice);
        Assert.False(Directory.Exists(folder.At("store")));
        using var source = SourceLocation.Parse(file).Open();
        Assert.Contains(name, source.Doubt?.Reason, StringComparison.Ordinal);
        Assert.NotNull(source.Doubt);
        using var raw = SourceLocation.Parse(file, SourceFormat.Raw).Open();
        Assert.Null(raw.Doubt);
    }

    [Fact]
    public void Every_verb_warns_of_what_may_be_no_raw_disk_unless_that_is_said()
    {
        var file = Cli.Noise(folder, "file", MiB);
        Put(file, 0, "KDMV"u8.ToArray());
        var backup = TidemarkCli.Run("backup", file, "--to", folder.At("store"), "--json").Succeeded();
        Assert.Contains("VMDK", Assert.Single(Warnings(backup)), StringComparison.Ordinal);
        var chain = backup.Result.Text("chain");
        foreach (string[] verb in (string[][])[
            ["verify", chain, "--against", file], ["heal", chain, "--from", file], ["backup", file, "--to", folder.At("store")]])
        {
            Assert.Contains("VMDK", Assert.Single(Warnings(TidemarkCli.Run([.. verb, "--json"]).Succeeded())), StringComparison.Ordinal);
            Assert.Empty(Warnings(TidemarkCli.Run([.. verb, "--format", "raw", "--json"]).Succeeded()));
        }

        TidemarkCli.Run("import", file, "--to", folder.At("imported"), "--json").Refused(Cli.WrongUse, "wrongUse");
        TidemarkCli.Run("import", file, "--to", folder.At("imported"), "--format", "raw").Succeeded();
        TidemarkCli.Run("verify", chain, "--format", "raw", "--json").Refused(Cli.WrongUse, "wrongUse");
    }

    [Fact]
    public void A_disk_file_is_imaged_as_the_disk_in_it_or_as_its_bytes_as_was_said()
    {
        var source = Cli.Noise(folder, "source", MiB);
        var made = Cli.Backup(source, folder.At("store")).Text("chain");
        foreach (var format in Tool.Has("qemu-nbd") ? new[] { "vhd", "vhdx", "qcow2" } : ["vhd", "vhdx"])
        {
            var file = folder.At($"disk.{format}");
            TidemarkCli.Run("export", made, file).Succeeded();
            var asDisk = Cli.Backup(file, folder.At("disks"), "--format", format);
            Assert.Equal(MiB, asDisk.Number("sourceBytes"));
            TidemarkCli.Run("verify", asDisk.Text("chain"), "--against", file, "--format", format).Succeeded();
            TidemarkCli.Run("heal", asDisk.Text("chain"), "--from", file, "--format", format).Succeeded();
            var asBytes = Cli.Backup(file, folder.At("bytes"), "--format", "raw");
            Assert.Equal(new FileInfo(file).Length, asBytes.Number("sourceBytes"));
            TidemarkCli.Run("import", file, "--to", folder.At($"imported-{format}"), "--format", format).Succeeded();

            // It is one of its own kind alone.
            foreach (var other in new[] { "vhd", "vhdx", "qcow2" }.Where(other => other != format))
            {
                string[] to = ["--to", folder.At("no"), "--format", other, "--json"];
                Assert.Contains("isn't a", TidemarkCli.Run(["backup", file, .. to]).Refused(Cli.WrongUse, "wrongUse"), StringComparison.Ordinal);
                Assert.Contains("isn't a", TidemarkCli.Run(["import", file, .. to]).Refused(Cli.WrongUse, "wrongUse"), StringComparison.Ordinal);
            }

            Assert.False(Directory.Exists(folder.At("no")));
        }
    }

    [Theory]
    [InlineData("a footer whose checksum is wrong")]
    [InlineData("a footer of a larger disk")]
    [InlineData("the mark of a VHDX")]
    public void A_raw_disk_that_looks_like_a_damaged_disk_file_is_taken_as_raw_where_that_is_said(string chance)
    {
        var file = Cli.Noise(folder, "raw", MiB);
        var footer = new byte[512];
        new VhdFooter
        {
            CurrentSize = 64 * MiB,
            Type = VhdDiskType.Fixed,
            UniqueId = Guid.NewGuid(),
        }.Write(footer);
        switch (chance)
        {
            case "a footer whose checksum is wrong":
                footer[100] ^= 1;
                Put(file, MiB - 512, footer);
                break;
            case "a footer of a larger disk":
                Put(file, MiB - 512, footer);
                break;
            default:
                Put(file, 0, "vhdxfile"u8.ToArray());
                break;
        }

        foreach (var verb in new[] { "backup", "import" })
        {
            var message = TidemarkCli.Run(verb, file, "--to", folder.At(verb), "--json").Refused(Cli.Damaged, "damaged");
            Assert.Contains("--format raw", message, StringComparison.Ordinal);
            Assert.False(Directory.Exists(folder.At(verb)));
            var chain = TidemarkCli.Run(verb, file, "--to", folder.At(verb), "--format", "raw", "--json").Succeeded().Result.Text("chain");
            TidemarkCli.Run("restore", chain, folder.At("back"), "--force").Succeeded();
            Assert.Equal(FileTree.Hash(file), FileTree.Hash(folder.At("back")));
            TidemarkCli.Run("verify", chain, "--against", file, "--format", "raw").Succeeded();
        }
    }

    [Fact]
    public void A_restore_onto_a_name_of_another_format_says_what_becomes_of_it()
    {
        var source = Cli.Noise(folder, "source", MiB);
        var chain = Cli.Backup(source, folder.At("store")).Text("chain");
        foreach (var name in new[] { "disk.qcow2", "disk.vhd", "DISK.VHDX", "disk.vmdk", "disk.vdi", "disk.img.gz" })
        {
            var restored = TidemarkCli.Run("restore", chain, folder.At(name), "--json").Succeeded();
            Assert.Contains("tidemark export", Assert.Single(Warnings(restored)), StringComparison.Ordinal);
        }

        Assert.Empty(Warnings(TidemarkCli.Run("restore", chain, folder.At("disk.img"), "--json").Succeeded()));

        // What was imaged as such a file is one again.
        TidemarkCli.Run("export", chain, folder.At("made.vhd"), "--format", "vhd-fixed").Succeeded();
        var bytes = Cli.Backup(folder.At("made.vhd"), folder.At("store"), "--format", "raw").Text("chain");
        Assert.Empty(Warnings(TidemarkCli.Run("restore", bytes, folder.At("again.vhd"), "--json").Succeeded()));
    }

    private static string Hex(string text) => Convert.ToHexString(Encoding.ASCII.GetBytes(text));

    private static void Put(string path, int offset, byte[] bytes)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write);
        RandomAccess.Write(file, bytes, offset);
    }

    private static IEnumerable<string> Warnings(CliResult result) =>
        result.Events.Where(e => e.Text("event") == "warning").Select(e => e.Text("message"));
}
