using System.Globalization;
using System.Text.RegularExpressions;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Figures;

/// <summary>
/// Instructions a block, as callgrind counts them: two scans in which nothing changed, of two sizes; what the larger one
/// takes more belongs to its blocks. The kernel's part isn't counted.
/// </summary>
public partial class InstructionFigureTests
{
    private const int Small = 16 << 20;

    private const int BlockSize = 4096;

    private const double Tolerance = 0.05;

    /// <summary>A thread that waits spins for a while, longer on a busy machine; the least of so many runs has least of that.</summary>
    private const int Runs = 3;

    [Fact]
    public void Instructions_a_block_are_what_they_were()
    {
        Tool.Require("valgrind");
        Assert.SkipUnless(TidemarkCli.IsNative, "Needs the native program (TIDEMARK_EXE).");
        using var folder = new TempFolder();
        var content = FileTree.Content(new Random(1), Small);
        File.WriteAllBytes(folder.At("small"), content);
        File.WriteAllBytes(folder.At("large"), [.. content, .. content, .. content]);
        var more = Instructions(folder, "large") - Instructions(folder, "small");
        FigureBook.Check("nothing changed: instructions a block of 4 KiB", (double)more / (2 * Small / BlockSize), Tolerance);
    }

    private static long Instructions(TempFolder folder, string name)
    {
        string[] backup = ["backup", folder.At(name), "--to", folder.At("store-" + name), "--chain", name];

        // valgrind knows no io_uring.
        var environment = new Dictionary<string, string?> { ["TIDEMARK_IO"] = "pread" };
        TidemarkCli.Run(backup, environment).Succeeded();
        return Enumerable.Range(0, Runs).Min(_ => Counted(backup, environment));
    }

    private static long Counted(string[] backup, Dictionary<string, string?> environment)
    {
        var (program, leading) = TidemarkCli.Command;
        var counted = Tool.Start(
            "valgrind", ["--tool=callgrind", "--callgrind-out-file=/dev/null", program, .. leading, .. backup],
            Patience.Limit, "", environment).Succeeded();
        var match = Collected().Match(counted.Error);
        Assert.True(match.Success, counted.Error);
        return long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"Collected : (\d+)")]
    private static partial Regex Collected();
}
