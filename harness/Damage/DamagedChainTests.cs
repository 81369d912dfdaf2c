using System.Text.Json;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Format;
using Tidemark.Engine.Index;
using Tidemark.Engine.Stores;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using TestCli = Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Damage;

/// <summary>What the verbs do about a chain with a damaged index page, metadata or frame, and what they say of it.</summary>
public sealed class DamagedChainTests : IDisposable
{
    private const int Size = 12_000_000;

    private readonly TempFolder folder = new("damaged");

    public void Dispose() => folder.Dispose();

    [Theory]
    [Case("4.9")]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(int.MaxValue)]
    public void A_restore_that_needs_a_damaged_page_is_refused_before_anything_is_written(int page)
    {
        var chain = Chain(2, out _);
        FlipPage(chain, 1, page);
        var target = folder.At("target");
        var message = TidemarkCli.Run("restore", chain, target, "--json").Refused(TestCli.Damaged, "damaged");
        Assert.Contains("nothing was written", message, StringComparison.Ordinal);
        Assert.Contains("repair", message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("--salvage", message, StringComparison.Ordinal);
        Assert.False(File.Exists(target));

        var before = new byte[Size];
        before.AsSpan().Fill(0xEE);
        File.WriteAllBytes(target, before);
        foreach (var how in new[] { "--force", "--delta", "--resume" })
        {
            TidemarkCli.Run("restore", chain, target, how, "--force", "--json").EndedWith(TestCli.Damaged);
            Assert.Equal(before, File.ReadAllBytes(target));
        }

        TidemarkCli.Run("export", chain, folder.At("disk.raw"), "--json").EndedWith(TestCli.Damaged);
        Assert.False(File.Exists(folder.At("disk.raw")));
        var salvaged = TidemarkCli.Run("restore", chain, target, "--force", "--salvage", "--json").EndedWith(TestCli.Damaged).Result;
        Assert.InRange(salvaged.Number("damagedBytes"), 1, Size);
        TidemarkCli.Run("repair", chain).Succeeded();
        TidemarkCli.Run("restore", chain, target, "--force").Succeeded();
    }

    [Fact]
    [Case("4.10")]
    public void A_backup_onto_a_damaged_index_is_full_and_says_what_repairs_it()
    {
        var chain = Chain(2, out var source);
        FlipPage(chain, 1, int.MaxValue);
        TestCli.Overwrite(source, 1000, 5000, 9);
        foreach (var kind in new[] { "incremental", "differential" })
        {
            var message = TidemarkCli.Run("backup", source, "--to", folder.At("store"), "--kind", kind, "--json").Refused(TestCli.Damaged, "damaged");
            Assert.Contains("repair", message, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("--kind full", message, StringComparison.Ordinal);
        }

        var run = TidemarkCli.Run("backup", source, "--to", folder.At("store"), "--json").Succeeded();
        Assert.Equal("full", run.Result.Text("kind"));
        Assert.Contains(run.Events, e => e.Text("event") == "warning" && e.Text("message").Contains("repair", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(Directory.GetFiles(chain), f => f.EndsWith(".tmp", StringComparison.Ordinal));
        var next = TestCli.Backup(source, folder.At("store"));
        Assert.Equal(("incremental", 0L), (next.Text("kind"), next.Number("changedBlocks")));
        TidemarkCli.Run("restore", chain, folder.At("target")).Succeeded();
        Assert.Equal(File.ReadAllBytes(source), File.ReadAllBytes(folder.At("target")));
    }

    [Fact]
    [Case("4.5")]
    public void Damaged_metadata_are_worth_a_warning_and_hinder_nothing()
    {
        var chain = Chain(2, out var source);
        using (var opened = Tidemark.Engine.Chains.Chain.Load(LocalStoreFolder.Open(chain)))
        {
            TestCli.Flip(File0(chain, 2), ImageFormat.HeaderSize + opened.Get(2).Footer.MetadataOffset + 5);
        }

        foreach (var arguments in new[] { new[] { "restore", chain, folder.At("restored") }, ["export", chain, folder.At("exported.raw")] })
        {
            var run = TidemarkCli.Run([.. arguments, "--json"]).Succeeded();
            Assert.Contains(run.Events, e => e.Text("event") == "warning" && e.Text("message").Contains("metadata", StringComparison.Ordinal));
            Assert.Equal(File.ReadAllBytes(source), File.ReadAllBytes(arguments[2]));
        }

        Assert.Contains("checksum", TidemarkCli.Run("show", chain, "--json").Succeeded().Result.Text("metadataProblem"), StringComparison.Ordinal);
        Assert.Contains("no restore needs", TidemarkCli.Run("show", chain).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    [Case("5.3")]
    public void Verify_says_what_restores_and_what_may_bring_the_rest_back()
    {
        var chain = Chain(5, out _);
        using (var opened = Tidemark.Engine.Chains.Chain.Load(LocalStoreFolder.Open(chain)))
        {
            var cursor = new ImageCursor(opened.Get(1), long.MaxValue);
            Assert.True(cursor.MoveTo(2000));
            TestCli.Flip(File0(chain, 1), ImageFormat.HeaderSize + cursor.Current.Frame.Offset + 3000);
        }

        var text = TidemarkCli.Run("verify", chain).EndedWith(TestCli.Damaged).Output;
        Assert.Contains("restorable except 128.0 KiB: images 1 to 5; 'tidemark heal' may bring it back", text, StringComparison.Ordinal);
        Assert.DoesNotContain("none", text, StringComparison.Ordinal);
        Assert.DoesNotContain("--salvage", text, StringComparison.Ordinal);
        Assert.DoesNotContain("1 findings", text, StringComparison.Ordinal);

        FlipPage(chain, 5, 0);
        text = TidemarkCli.Run("verify", chain).EndedWith(TestCli.Damaged).Output;
        Assert.Contains("restorable except 128.0 KiB: images 1 to 4; 'tidemark heal' may bring it back", text, StringComparison.Ordinal);
        Assert.Contains("restorable with --salvage, except", text, StringComparison.Ordinal);
        Assert.Contains("image 5; 'tidemark repair' may bring it back", text, StringComparison.Ordinal);
        var points = TidemarkCli.Run("verify", chain, "--json").EndedWith(TestCli.Damaged).Result.GetProperty("chains")[0].GetProperty("points");
        Assert.Equal([false, false, false, false, true], points.EnumerateArray().Select(p => p.GetProperty("needsSalvage").GetBoolean()));
    }

    /// <summary>A chain of images each of which changes one block; returns its folder.</summary>
    private string Chain(int images, out string source)
    {
        source = TestCli.Noise(folder, "source", Size);
        JsonElement? last = null;
        for (var i = 0; i < images; i++)
        {
            TestCli.Overwrite(source, 4096 * (i + 1), 100, i);
            last = TestCli.Backup(source, folder.At("store"), "--compress", "none");
        }

        return last!.Value.Text("chain");
    }

    private static string File0(string chain, long sequence) => Path.Combine(chain, ImageNames.Part(sequence, 0));

    /// <summary>Flips a bit of the root, or of one of its children.</summary>
    /// <param name="page">0 for the root; the child's number from 1, at most the last.</param>
    private static void FlipPage(string chain, long sequence, int page)
    {
        PageRef reference;
        using (var opened = Tidemark.Engine.Chains.Chain.Load(LocalStoreFolder.Open(chain)))
        {
            var image = opened.Get(sequence);
            reference = image.Footer.Root!.Value;
            if (page > 0)
            {
                var buffer = new byte[ImageFormat.MaxPageSize];
                Assert.Null(image.TryReadPage(reference, buffer, out var header));
                Assert.Equal(1, header.Level);
                reference = PageCheck.Child(image, buffer, Math.Min(page, header.Entries) - 1);
            }
        }

        TestCli.Flip(File0(chain, sequence), ImageFormat.HeaderSize + reference.Offset + 100);
    }
}
