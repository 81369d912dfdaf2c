using Tidemark.Engine;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Verification;
using Tidemark.Engine.Progress;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Operations;

public class VerifyAgainstTests
{
    private const int Block = 4096;

    [Fact]
    public void A_source_that_didnt_change_has_no_differences()
    {
        using var set = new Set(Seed.Random());
        var result = set.Verify();
        Assert.Empty(result.Findings);
        Assert.Empty(result.Differences!);
        Assert.Equal(0, result.DifferentBytes);
        Assert.Equal([1L], result.Chains[0].Restorable);
    }

    [Fact]
    public void Exactly_the_changed_blocks_are_found()
    {
        var random = Seed.Random();
        using var set = new Set(random);
        var changed = Enumerable.Range(0, 20).Select(_ => random.Next(set.Content.Length)).Select(at => at / Block).ToHashSet();
        foreach (var block in changed)
        {
            set.Content[(block * Block) + random.Next(Math.Min(Block, set.Content.Length - (block * Block)))] ^= 0x40;
        }

        set.Write();
        var result = set.Verify();
        var found = result.Differences!.SelectMany(r => Enumerable.Range(
            (int)(r.Offset / Block), (int)((r.Length + Block - 1) / Block))).ToList();
        Assert.Equal(changed.Order(), found);
        Assert.Equal(result.Differences!.Sum(r => r.Length), result.DifferentBytes);
        Assert.Equal(result.Differences!.Count, result.DifferentRanges);
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(-100_000)]
    public void Growth_and_shrink_are_differences(int by)
    {
        using var set = new Set(Seed.Random());
        var before = set.Content.Length;
        Array.Resize(ref set.Content, before + by);
        set.Write();
        var result = set.Verify();
        var range = Assert.Single(result.Differences!);
        var end = Math.Max(before, set.Content.Length);
        Assert.Equal(end, range.Offset + range.Length);

        // A cut may change the block it goes through as well.
        var small = Math.Min(before, set.Content.Length);
        Assert.InRange(range.Offset, small / Block * Block, small);
    }

    [Fact]
    public void An_image_is_compared_as_it_was_and_the_chain_by_its_tip()
    {
        var random = Seed.Random();
        using var set = new Set(random);
        random.NextBytes(set.Content.AsSpan(40_960, Block));
        set.Write();
        set.Backup();
        Assert.Empty(set.Verify().Differences!);
        Assert.Equal([new ByteRange(40_960, Block)], set.Verify("@1").Differences!);
        Assert.Empty(set.Verify("@latest").Differences!);
        Assert.Empty(Verify.Run(
            new VerifyRequest { Subject = ImageAddress.Parse(set.Store), Against = SourceLocation.Parse(set.Source), Depth = VerifyDepth.Quick }, NoObserver.Instance).Differences!);
    }

    [Fact]
    public void A_store_is_verified_with_all_its_chains()
    {
        using var set = new Set(Seed.Random());
        Backup.Run(new BackupRequest { Source = SourceLocation.Parse(set.Source), Store = StoreLocation.Parse(set.Store), Chain = "second" }, NoObserver.Instance);
        var result = Verify.Run(new VerifyRequest { Subject = ImageAddress.Parse(set.Store) }, NoObserver.Instance);
        Assert.Equal(2, result.Chains.Count);
        Assert.Empty(result.Findings);
        Assert.Throws<TidemarkException>(() => Verify.Run(
            new VerifyRequest { Subject = ImageAddress.Parse(set.Store), Against = SourceLocation.Parse(set.Source) }, NoObserver.Instance));
    }

    [Fact]
    public void What_isnt_there_is_wrong_use()
    {
        using var set = new Set(Seed.Random());
        foreach (var subject in new[] { set.Chain + "@7", set.Source + "x", Path.GetDirectoryName(set.Store)! })
        {
            var e = Assert.Throws<TidemarkException>(() => Verify.Run(new VerifyRequest { Subject = ImageAddress.Parse(subject) }, NoObserver.Instance));
            Assert.Equal(TidemarkError.WrongUse, e.Error);
        }
    }

    private sealed class Set : IDisposable
    {
        private readonly TempFolder temp = new("against");

        public byte[] Content = new byte[700_123];

        public Set(Random random)
        {
            random.NextBytes(Content.AsSpan(0, 300_000));
            random.NextBytes(Content.AsSpan(500_000));
            Source = temp.At("disk.img");
            Store = temp.Folder("store");
            Write();
            Chain = Backup();
        }

        public string Source { get; }

        public string Store { get; }

        public string Chain { get; }

        public void Write()
        {
            // In place: the file stays the one that its chain knows.
            using var file = new FileStream(Source, FileMode.OpenOrCreate, FileAccess.Write);
            file.Write(Content);
            file.SetLength(Content.Length);
        }

        public string Backup() => Tidemark.Engine.Operations.Backups.Backup.Run(
            new BackupRequest { Source = SourceLocation.Parse(Source), Store = StoreLocation.Parse(Store) }, NoObserver.Instance).Chain;

        public VerifyResult Verify(string image = "") => Tidemark.Engine.Operations.Verification.Verify.Run(
            new VerifyRequest { Subject = ImageAddress.Parse(Chain + image), Against = SourceLocation.Parse(Source) }, NoObserver.Instance);

        public void Dispose() => temp.Dispose();
    }
}
