using System.Buffers.Binary;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Allocation;

/// <summary>Journals made to order, with e2fsck as the judge of what a replay leaves.</summary>
public class ExtJournalMadeTests
{
    private const int BlockSize = 1024;

    /// <summary>mkfs's options, and those of debugfs's jo.</summary>
    public static TheoryData<string, string, int> Kinds => new()
    {
        { "-O 64bit", "-c -v 3", 0 },
        { "-O ^64bit", "-c -v 3", 3900 },
        { "-O 64bit", "-c -v 2", 3990 },
        { "-O ^64bit", "-c -v 2", 0 },
        { "-O ^metadata_csum,64bit", "", 4000 },
        { "-O ^metadata_csum,^64bit", "", 4080 },
        { "-t ext3", "", 0 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_map_is_that_of_the_volume_after_the_replay(string make, string journal, int turn)
    {
        using var folder = new TempFolder("extjournal");
        var random = Seed.Random();
        var image = Make(folder, make);
        ExtImage.Fill(folder, image, random, 1 << 20);
        var after = folder.At("after.img");
        File.Copy(image, after);
        ExtImage.Fill(folder, after, random, 600_000);
        var (before, expected) = (Dumpe2fs.Of(image), Dumpe2fs.Of(after));
        var changes = Changes(image, after);
        var untouched = Blocks(image).Where(block => !changes.ContainsKey(block.Key) && block.Key > 300).Take(2).ToDictionary();

        // What is written twice counts as it was written last, what was revoked and what never was committed not at all.
        var made = new ExtJournalImage(folder, image, BlockSize)
            .Write(Noise(random, [.. changes.Keys.Where((_, i) => i % 3 == 0), .. untouched.Keys]))
            .Revoke([.. untouched.Keys]);
        foreach (var chunk in changes.OrderBy(_ => random.Next()).Chunk(random.Next(1, 300)))
        {
            made.Write(chunk.ToDictionary());
        }

        made.Write(Noise(random, [.. changes.Keys]), isCommitted: false).Close(journal);
        made.Turn(turn);

        var replayed = folder.At("replayed.img");
        File.Copy(image, replayed);
        Assert.True(Tool.Try("e2fsck", "-E", "journal_only", "-y", replayed).ExitCode is 0 or 1);
        Dumpe2fs.Of(replayed).AssertSame([.. expected.Free.Select(run => (run.Start * BlockSize, run.End * BlockSize))]);

        var (free, both) = (expected.Blocks(expected.Free), before.Blocks(before.Free));
        var ours = expected.Blocks(Maps.FreeOf(image).Select(run => (run.Start / BlockSize, run.End / BlockSize)));
        Assert.Equal(free.Zip(both, (a, b) => a && b), ours);
    }

    [Fact]
    public void A_bitmap_that_looks_like_the_journals_own_blocks_is_read_as_it_was()
    {
        using var folder = new TempFolder("extjournal");
        var image = Make(folder, "-O ^metadata_csum,^uninit_bg,^64bit,^flex_bg,^resize_inode -N 128");
        var blocks = Blocks(image);
        // The second group's bitmap begins with the journal's magic number: of 32 blocks so many more are used.
        var descriptors = blocks[2][..];
        var at = BinaryPrimitives.ReadUInt32LittleEndian(descriptors.AsSpan(32));
        var bitmap = blocks[at][..];
        var more = 0;
        foreach (var (index, value) in new byte[] { 0xC0, 0x3B, 0x39, 0x98 }.Index())
        {
            Assert.True(index > 0 || (bitmap[0] & ~value) == 0 || bitmap[0] != 0);
            more += BitCount(value) - BitCount(bitmap[index]);
            bitmap[index] = value;
        }

        var free = BinaryPrimitives.ReadUInt16LittleEndian(descriptors.AsSpan(32 + 12));
        BinaryPrimitives.WriteUInt16LittleEndian(descriptors.AsSpan(32 + 12), (ushort)(free - more));
        new ExtJournalImage(folder, image, BlockSize).Write(new Dictionary<long, byte[]> { [2] = descriptors, [at] = bitmap }).Close("");
        // The layout's blocks are among those that the pattern calls free, which is seen only where the pattern is.
        Assert.Contains("the bitmap of group 1 calls blocks free", Maps.WhyNot(image), StringComparison.Ordinal);
    }

    private static int BitCount(byte value) => System.Numerics.BitOperations.PopCount(value);

    private static string Make(TempFolder folder, string options) =>
        ExtImage.Make(folder, 24, ["-b", "1024", "-J", "size=4", .. options.Split(' ')]);

    private static Dictionary<long, byte[]> Blocks(string image) =>
        File.ReadAllBytes(image).Chunk(BlockSize).Select((bytes, number) => ((long)number, bytes)).ToDictionary();

    /// <summary>The blocks that differ, but the superblock.</summary>
    private static Dictionary<long, byte[]> Changes(string before, string after)
    {
        var old = Blocks(before);
        return Blocks(after).Where(block => block.Key != 1 && !block.Value.AsSpan().SequenceEqual(old[block.Key])).ToDictionary();
    }

    private static Dictionary<long, byte[]> Noise(Random random, IReadOnlyList<long> blocks) => blocks.ToDictionary(block => block, _ =>
    {
        var bytes = new byte[BlockSize];
        random.NextBytes(bytes);
        return bytes;
    });
}
