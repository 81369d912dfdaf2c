using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Operations.Repairs;
using Tidemark.Engine.Stores;
using Tidemark.Engine.Stores.Layers;
using Tidemark.Harness.Operations;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Damage;

/// <summary>
/// A nonce of an encrypted image never seals two plaintexts: whatever a repair hands to the store, kept or deleted, is looked
/// through for sealed pages, and one with an ordinal that was there before is the same to the last bit.
/// </summary>
[Case("4.16")]
public class RepairNonceTests
{
    private const int Size = 12_000_000;

    [Theory]
    [InlineData("header")]
    [InlineData("index")]
    [InlineData("leaf")]
    [InlineData("index and footer")]
    [InlineData("frames and index and footer")]
    [InlineData("frames and leaf")]
    [InlineData("cut")]
    public void What_a_repair_writes_seals_no_nonce_a_second_time(string loss)
    {
        var random = Seed.Random(loss);
        using var chain = VerifyChain.OfThree(random, Size, codec: Codec.Lz4, hash: HashAlgorithm.Blake3, encrypted: true);
        Dictionary<(Guid Image, long Ordinal), byte[]> sealedPages = [];
        foreach (var file in chain.Folder.List())
        {
            Require(sealedPages, chain.Bytes(file.Name));
        }

        var known = sealedPages.Count;
        Assert.True(known > 5, $"{known} pages");
        if (loss.StartsWith("frames and ", StringComparison.Ordinal))
        {
            foreach (var frame in chain.Runs(1).Where(r => r.State == BlockState.Data).Select(r => r.Frame).Distinct().Where(_ => random.Next(8) == 0).ToList())
            {
                chain.Erase(1, frame.Offset, frame.Length);
            }
        }

        var end = chain.Footer(1).PayloadLength;
        RepairTests.Lose(chain, 1, loss.Replace("frames and ", "", StringComparison.Ordinal), random);
        for (var round = 0; round < 2; round++)
        {
            RepairWatched(chain, sealedPages, random);

            // Another repair, of what the first one couldn't bring back, goes by the same.
            chain.Erase(1, end, ImageFormat.FooterSize);
        }
    }

    private static void RepairWatched(VerifyChain chain, Dictionary<(Guid Image, long Ordinal), byte[]> sealedPages, Random random)
    {
        var watched = new WatchedFolder(chain.Folder);
        chain.Repair(watched, (ulong)random.NextInt64());
        foreach (var written in watched.Written)
        {
            var bytes = written.Copy.ToArray();
            Require(sealedPages, bytes);
            Assert.True(written.IsKept || !HasPage(bytes), $"{written.Name} was a trial with sealed pages in it");
        }
    }

    /// <summary>Whether a page begins anywhere in it, whole or not.</summary>
    private static bool HasPage(ReadOnlySpan<byte> bytes)
    {
        for (var at = 0; at + PageHeader.Size < bytes.Length; at++)
        {
            if (bytes[at] == (byte)'T' && PageHeader.TryRead(bytes[at..], out _))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes note of each whole page, and requires those that are known to be what they were.</summary>
    private static void Require(Dictionary<(Guid Image, long Ordinal), byte[]> sealedPages, byte[] bytes)
    {
        for (var at = 0; at + PageHeader.Size < bytes.Length; at++)
        {
            if (bytes[at] != (byte)'T' || !PageHeader.TryRead(bytes.AsSpan(at), out var header))
            {
                continue;
            }

            var covered = PageHeader.Size + header.BodyLength + ImageCipher.TagSize;
            if (at + covered + ImageFormat.DigestSize > bytes.Length
                || Layout.Digest(bytes.AsSpan(at, covered)) != Layout.U128(bytes.AsSpan(at), covered))
            {
                continue;
            }

            var page = bytes[at..(at + covered)];
            if (!sealedPages.TryAdd((header.ImageId, header.Ordinal), page))
            {
                Assert.Equal(sealedPages[(header.ImageId, header.Ordinal)], page);
            }
        }
    }

    /// <summary>Keeps a copy of everything that is written, and knows what of it was completed.</summary>
    private sealed class WatchedFolder(StoreFolder folder) : LayeredFolder(folder)
    {
        public List<WatchedWriter> Written { get; } = [];

        public override StoreWriter Create(string name)
        {
            Written.Add(new WatchedWriter(name, Behind.Create(name)));
            return Written[^1];
        }
    }

    private sealed class WatchedWriter(string name, StoreWriter inner) : StoreWriter
    {
        public string Name => name;

        public MemoryStream Copy { get; } = new();

        public bool IsKept { get; private set; }

        public override long Position => inner.Position;

        public override void Append(ReadOnlySpan<byte> data)
        {
            inner.Append(data);
            Copy.Write(data);
        }

        public override void Settle() => inner.Settle();

        public override StoreFile? OpenWritten() => inner.OpenWritten();

        public override void Complete(bool withNext = false)
        {
            inner.Complete(withNext);
            IsKept = true;
        }

        public override void Dispose() => inner.Dispose();
    }
}
