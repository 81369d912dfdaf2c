using Tidemark.Engine.Hashing;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness;

[DiffersBySystem]
public class SmokeTests
{
    [Fact]
    public void A_hash_depends_on_the_key()
    {
        var key = new byte[BlockHasher.KeySize];
        var block = new byte[4096];
        var one = BlockHasher.Create(HashAlgorithm.Xxh128, key).HashBlock(block);
        key[0] = 1;
        Assert.NotEqual(one, BlockHasher.Create(HashAlgorithm.Xxh128, key).HashBlock(block));
    }
}
