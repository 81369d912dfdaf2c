using System.Globalization;
using Tidemark.Cli.Output;
using Tidemark.Engine.Files;
using Tidemark.Engine.Operations.Extraction;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>What somebody reads who sees it for the first time says what he wants to know, and that at a glance.</summary>
[DiffersBySystem]
public sealed class NewcomerTests : IDisposable
{
    private const int MiB = 1 << 20;

    private readonly TempFolder folder = new("newcomer");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_full_image_is_told_by_the_data_it_holds_and_others_by_what_changed()
    {
        var source = folder.Sparse("source", 8 * MiB);
        Cli.Overwrite(source, MiB, 128 << 10, 1);
        Assert.Contains("  holds    128.0 KiB of data of the source's 8.0 MiB\n", BackUp(source), StringComparison.Ordinal);
        Assert.Contains("  changed  nothing\n", BackUp(source), StringComparison.Ordinal);
        Cli.Overwrite(source, 4 * MiB, 8192, 2);
        Assert.Contains("  changed  8.0 KiB in 2 blocks of 4.0 KiB\n", BackUp(source), StringComparison.Ordinal);
        // Zeros in place of data are a change, and no data.
        using (var file = File.OpenWrite(source))
        {
            file.Position = 4 * MiB;
            file.Write(new byte[8192]);
        }

        Assert.Contains("  changed  8.0 KiB in 2 blocks of 4.0 KiB; 0 B of them are data\n", BackUp(source), StringComparison.Ordinal);

        var listed = TidemarkCli.Run("list", folder.At("store")).Succeeded().Output.ReplaceLineEndings("\n");
        Assert.DoesNotContain("changed", listed, StringComparison.Ordinal);
        Assert.Contains("8.0 MiB  128.0 KiB", listed, StringComparison.Ordinal);
        Assert.Contains("8.0 MiB    8.0 KiB", listed, StringComparison.Ordinal);
    }

    [Fact]
    public void One_id_names_a_source_and_the_rest_stand_below_it()
    {
        var chain = Cli.Backup(Repository.PathOf("vhd-fixtures/usb-stick.vhd"), folder.At("store")).Text("chain");
        const string Id = "vhd-disk:71de0000-0001-4000-8000-c02a00000000";
        Assert.Contains($"\n  source  {Id}\n", TidemarkCli.Run("list", chain).Succeeded().Output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        var shown = TidemarkCli.Run("show", chain).Succeeded().Output.ReplaceLineEndings("\n");
        Assert.Contains($"  identity          {Id}\n", shown, StringComparison.Ordinal);
        Assert.Contains("  also known by     mbr-disk:71de0001 ", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void Times_of_files_are_local_with_their_offset_as_those_of_images_are()
    {
        var time = new DateTimeOffset(2024, 5, 6, 7, 8, 9, TimeSpan.Zero);
        var line = FileText.Line(new ListedFile("/etc/fstab", FileKind.File, 1234, 0x1a4, 0, 0, time, null, null));
        Assert.Contains(time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture), line, StringComparison.Ordinal);
    }

    [Fact]
    public void The_overview_has_a_line_for_each_verb()
    {
        using var written = new StringWriter();
        HelpText.WriteOverview(written, Tidemark.Cli.CommandLine.Create(), 80);
        var lines = written.ToString().ReplaceLineEndings("\n").Split('\n');
        var verbs = Tidemark.Cli.CommandLine.Create().Subcommands.Where(verb => !verb.Hidden).ToArray();
        Assert.All(verbs, verb => Assert.Contains(lines, line => line.StartsWith($"  {verb.Name} ", StringComparison.Ordinal) && line.EndsWith(verb.Description!, StringComparison.Ordinal)));
        // All of it fits a terminal of 40 lines.
        Assert.InRange(lines.Length, verbs.Length, 40);
    }

    private string BackUp(string source) =>
        TidemarkCli.Run("backup", source, "--to", folder.At("store")).Succeeded().Output.ReplaceLineEndings("\n");
}
