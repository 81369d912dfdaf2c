using Tidemark.Engine;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Keys;

[DiffersBySystem]
public class RandomSourceTests
{
    [Fact]
    public void A_seeded_stream_doesnt_depend_on_how_it_is_cut()
    {
        var whole = new byte[1000];
        TestKeys.Random(7).Fill(whole);
        var cut = TestKeys.Random(7);
        var position = 0;
        for (var length = 0; position < whole.Length; length++)
        {
            var piece = new byte[Math.Min(length, whole.Length - position)];
            cut.Fill(piece);
            Assert.Equal(whole.AsSpan(position, piece.Length).ToArray(), piece);
            position += piece.Length;
        }

        var other = new byte[1000];
        TestKeys.Random(8).Fill(other);
        Assert.NotEqual(whole, other);
    }

    [Fact]
    public void Ids_are_of_version_4_and_differ()
    {
        var seen = new HashSet<Guid>();
        foreach (var random in new RandomSource[] { TestKeys.Random(), SystemRandomSource.Instance })
        {
            for (var i = 0; i < 1000; i++)
            {
                var id = random.NewGuid();
                Assert.Equal(4, id.Version);
                Assert.InRange(id.Variant, 8, 11);
                Assert.True(seen.Add(id));
            }
        }
    }

    /// <summary>Longer than what one call of the kernel gives; a byte that were left out would be zero in every round.</summary>
    [Fact]
    public void The_system_fills_every_byte_of_a_long_request()
    {
        var seen = new byte[10_000];
        for (var round = 0; round < 8; round++)
        {
            var bytes = new byte[seen.Length];
            SystemRandomSource.Instance.Fill(bytes);
            for (var i = 0; i < seen.Length; i++)
            {
                seen[i] |= bytes[i];
            }
        }

        Assert.DoesNotContain((byte)0, seen);
    }
}
