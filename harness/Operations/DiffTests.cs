using Tidemark.Engine;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.Diffs;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Progress;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Operations;

public class DiffTests
{
    [Fact]
    public void A_diff_equals_a_naive_comparison_on_random_histories()
    {
        var random = Seed.Random();
        for (var i = 0; i < 30; i++)
        {
            var blockSize = 4096 << random.Next(4);
            using var chain = new VerifyChain(
                blockSize, (Codec)random.Next(3), (HashAlgorithm)(1 + random.Next(2)), random.Next(3) == 0, random.Next(3) == 0 ? 65536 : 0);
            var content = new byte[random.Next(1, 400_000)];
            for (var image = 0; image < 6; image++)
            {
                Change(random, ref content);
                chain.Add(content, random.Next(4) switch { 0 => ImageKind.Full, 1 => ImageKind.Differential, _ => ImageKind.Incremental });
            }

            for (var pair = 0; pair < 12; pair++)
            {
                var from = random.Next(1, 7);
                var to = random.Next(1, 7);
                var expected = Naive(chain.Points[from - 1], chain.Points[to - 1], blockSize);
                var (ranges, result) = Run(chain, from, to);
                Assert.True(
                    expected.SequenceEqual(ranges),
                    $"history {i}, {from} to {to}: expected {string.Join(", ", expected)} and got {string.Join(", ", ranges)}");
                Assert.Equal(expected.Sum(r => r.Length), result.ChangedBytes);
                Assert.Equal(expected.Count, result.ChangedRanges);
                Assert.Equal((long)chain.Points[from - 1].Length, result.FromBytes);
                Assert.Equal((long)chain.Points[to - 1].Length, result.ToBytes);
            }
        }
    }

    [Fact]
    public void Copies_of_a_chain_are_compared_across_folders()
    {
        var random = Seed.Random();
        using var temp = new TempFolder("diff");
        var source = temp.At("disk.img");
        var content = new byte[300_000];
        random.NextBytes(content);
        File.WriteAllBytes(source, content);
        var store = temp.Folder("store");
        var first = Backup.Run(new BackupRequest { Source = SourceLocation.Parse(source), Store = StoreLocation.Parse(store) }, NoObserver.Instance);
        var copy = temp.Folder("copy");
        foreach (var file in Directory.GetFiles(first.Chain, "*.tdi"))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        content[100_000] ^= 1;
        File.WriteAllBytes(source, content);
        Backup.Run(new BackupRequest { Source = SourceLocation.Parse(source), Store = StoreLocation.Parse(store) }, NoObserver.Instance);

        List<ByteRange> ranges = [];
        var result = Diff.Run(
            new DiffRequest { From = ImageAddress.Parse(copy + "@1"), To = ImageAddress.Parse(first.Chain + "@latest") }, ranges.Add, NoObserver.Instance);
        Assert.Equal([new ByteRange(98_304, 4096)], ranges);
        Assert.Equal(2, result.ToSequence);
        Assert.Equal(4096, result.ChangedBytes);

        var other = Backup.Run(new BackupRequest { Source = SourceLocation.Parse(source), Store = StoreLocation.Parse(temp.Folder("other")) }, NoObserver.Instance);
        var e = Assert.Throws<TidemarkException>(() => Diff.Run(
            new DiffRequest { From = ImageAddress.Parse(other.Chain + "@1"), To = ImageAddress.Parse(first.Chain + "@1") }, ranges.Add, NoObserver.Instance));
        Assert.Equal(TidemarkError.WrongUse, e.Error);
        Assert.Contains("same chain", e.Message, StringComparison.Ordinal);
    }

    private static (List<ByteRange> Ranges, DiffResult Result) Run(VerifyChain chain, int from, int to)
    {
        List<ByteRange> ranges = [];
        using var opened = chain.Open();
        var result = Diff.Run(
            opened, opened.Get(from), opened, opened.Get(to), ranges.Add, NoObserver.Instance, TestContext.Current.CancellationToken);
        return (ranges, result);
    }

    private static void Change(Random random, ref byte[] content)
    {
        for (var n = random.Next(4); n > 0; n--)
        {
            var at = random.Next(content.Length);
            var length = random.Next(1, Math.Min(content.Length - at, 60_000) + 1);
            switch (random.Next(3))
            {
                case 0:
                    random.NextBytes(content.AsSpan(at, length));
                    break;
                case 1:
                    content.AsSpan(at, length).Clear();
                    break;
                default:
                    Array.Resize(ref content, Math.Max(1, content.Length + random.Next(-50_000, 80_000)));
                    break;
            }
        }
    }

    /// <summary>Block by block, with the larger one's rest as a difference.</summary>
    private static List<ByteRange> Naive(byte[] from, byte[] to, int blockSize)
    {
        List<ByteRange> ranges = [];
        var small = Math.Min(from.Length, to.Length);
        for (var at = 0; at < small; at += blockSize)
        {
            var a = from.AsSpan(at, Math.Min(blockSize, from.Length - at));
            var b = to.AsSpan(at, Math.Min(blockSize, to.Length - at));
            var common = Math.Min(a.Length, b.Length);
            var rest = a.Length > b.Length ? a[common..] : b[common..];
            if (!a[..common].SequenceEqual(b[..common]) || rest.ContainsAnyExcept((byte)0))
            {
                Add(at, Math.Min(at + blockSize, small));
            }
        }

        Add(small, Math.Max(from.Length, to.Length));
        return ranges;

        void Add(int offset, int end)
        {
            if (end == offset)
            {
                return;
            }

            if (ranges.Count > 0 && ranges[^1].Offset + ranges[^1].Length == offset)
            {
                ranges[^1] = ranges[^1] with { Length = end - ranges[^1].Offset };
            }
            else
            {
                ranges.Add(new ByteRange(offset, end - offset));
            }
        }
    }
}
