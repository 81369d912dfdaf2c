using Tidemark.Engine.Format;
using Tidemark.Engine.Index;
using Tidemark.Harness.Operations;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Damage;

/// <summary>
/// A damaged page of an index costs the blocks that it spoke of, and nothing beside them, in whatever reads the chain: the
/// zeros and the older images' data in front of it stay what they are.
/// </summary>
[Case("4.4")]
[Case("4.9")]
public class IndexDamageTests
{
    private const int BlockSize = 4096;
    private const int Blocks = 2600;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_damaged_page_of_any_level_costs_its_own_blocks_alone(bool encrypted)
    {
        var random = Seed.Random($"pages {encrypted}");
        using var chain = Make(random, encrypted);
        var spoken = Enumerable.Range(1, chain.Points.Count).Select(i => Spoken(chain, i)).ToArray();
        var tried = 0;
        for (var sequence = 1; sequence <= chain.Points.Count; sequence++)
        {
            var pages = Pages(chain, sequence);
            Assert.True(pages.Count > 2, "an image of one leaf proves little");
            foreach (var (page, end) in new[] { pages[0], pages[random.Next(1, pages.Count)] })
            {
                var at = page.Offset + random.Next(page.Length);
                chain.FlipPayload(sequence, at, (byte)(1 << random.Next(8)));
                var where = $"image {sequence}, page at {page.Offset} of blocks {page.FirstBlock} to {end}";
                var result = DamageOracle.Check(chain, where);
                for (var point = 1; point <= chain.Points.Count; point++)
                {
                    var lost = Enumerable.Range((int)page.FirstBlock, (int)(end - page.FirstBlock))
                        .Where(b => sequence <= point && !Enumerable.Range(sequence + 1, point - sequence).Any(newer => spoken[newer - 1][b]))
                        .Select(b => new IndexExtent(b, 1, BlockState.Lost));
                    Assert.True(
                        chain.Ranges(lost, Blocks * BlockSize).SequenceEqual(result.Chains[0].Points[point - 1].Lost), $"{where}: point {point}");
                }

                chain.Reset(whole!);
                tried++;
            }
        }

        Assert.Equal(6, tried);
    }

    private Dictionary<string, byte[]>? whole;

    /// <summary>A volume with long zeros, and increments of scattered blocks with gaps between their leaves.</summary>
    private VerifyChain Make(Random random, bool encrypted)
    {
        var chain = new VerifyChain(BlockSize, Codec.None, encrypted: encrypted);
        var content = new byte[Blocks * BlockSize];
        random.NextBytes(content.AsSpan(0, 700 * BlockSize));
        random.NextBytes(content.AsSpan(1600 * BlockSize, 800 * BlockSize));
        chain.Add(content);
        for (var image = 0; image < 2; image++)
        {
            // Two clusters of single blocks, each enough for a leaf or more, far from each other.
            foreach (var (from, count) in new[] { (100 + (image * 50), 500), (1500, 500) })
            {
                for (var i = 0; i < count; i++)
                {
                    random.NextBytes(content.AsSpan((from + (i * 2)) * BlockSize, 16));
                }
            }

            chain.Add(content);
        }

        whole = chain.Files();
        return chain;
    }

    /// <summary>Which blocks an image speaks of.</summary>
    private static bool[] Spoken(VerifyChain chain, long sequence)
    {
        var spoken = new bool[Blocks];
        foreach (var run in chain.Runs(sequence))
        {
            spoken.AsSpan((int)run.First, (int)run.Count).Fill(true);
        }

        return spoken;
    }

    /// <summary>The pages of an image's index, each with where its blocks end at most; the root first.</summary>
    private static List<(PageRef Page, long End)> Pages(VerifyChain chain, long sequence)
    {
        using var opened = chain.Open();
        var image = opened.Get(sequence);
        List<(PageRef, long)> pages = [];
        Visit(image.Footer.Root!.Value, image.Header.BlockCount);
        return pages;

        void Visit(PageRef reference, long end)
        {
            pages.Add((reference, end));
            var page = new byte[ImageFormat.MaxPageSize];
            Assert.Null(image.TryReadPage(reference, page, out var header));
            for (var i = 0; header.Level > 0 && i < header.Entries; i++)
            {
                var childEnd = i + 1 < header.Entries ? PageCheck.Child(image, page, i + 1).FirstBlock : end;
                Visit(PageCheck.Child(image, page, i), childEnd);
            }
        }
    }
}
