using Tidemark.Engine.Format;
using Tidemark.Engine.Images;
using Tidemark.Engine.Operations.Repairs;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Operations.Verification;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Serving;
using Tidemark.Harness.Engine;
using Tidemark.Harness.Operations;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Damage;

/// <summary>
/// What no restore needs hinders none: metadata, the headers of further parts, pages of an index that newer images stand
/// before; damaged, or on sectors that can't be read.
/// </summary>
[Case("4.5")]
public class NotNeededTests
{
    private const int Part = 65536;

    public static TheoryData<bool, bool> Shapes => new() { { false, false }, { true, false }, { false, true }, { true, true } };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void What_isnt_needed_may_be_unreadable(bool encrypted, bool parts)
    {
        var random = Seed.Random($"not needed {encrypted} {parts}");
        using var chain = Make(random, encrypted, parts);
        var failing = new FailingFolder(chain.Folder);
        for (var sequence = 1L; sequence <= 3; sequence++)
        {
            Fail(chain, failing, sequence, chain.Footer(sequence).MetadataOffset, chain.Footer(sequence).MetadataLength, parts);
        }

        foreach (var name in chain.Folder.List().Select(e => e.Name).Where(n => ImageNames.TryParse(n, out _, out var part) && part > 0))
        {
            failing.Fail(name, random.Next(ImageFormat.HeaderSize), 1);
        }

        using var opened = chain.Open(failing);
        foreach (var member in opened.Members)
        {
            var image = member.Image;
            Assert.NotNull(image);
            Assert.Null(image.TryReadMetadata(out var problem));
            Assert.Contains("Input/output", problem, StringComparison.Ordinal);
            Assert.Equal(image.Footer.Parts > 1, image.DamagedParts.Count > 0);
            var content = chain.Points[(int)member.Sequence - 1];
            Assert.Equal(content, ChainFixture.Restore(opened, image, out var damage));
            Assert.Empty(damage);
            using var device = new PointDevice(opened.Lineage(image), opened.Hasher(image));
            var served = new byte[content.Length];
            device.ReadAt(0, served);
            Assert.Equal(content, served);
        }

        // Somebody has to look after the medium all the same.
        var findings = Verify.Run([failing], null, VerifyDepth.Deep, null, chain.Key, NoObserver.Instance, default, workers: 0);
        Assert.Equal([1L, 2, 3], findings.Chains[0].Restorable);
        Assert.All(findings.Findings, f => Assert.Contains("No restore needs it", f.Message, StringComparison.Ordinal));
        Assert.Equal(Enumerable.Range(1, 3).Sum(s => chain.Footer(s).Parts), findings.Findings.Count);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void What_isnt_needed_may_be_damaged_and_is_repaired_where_it_can_be(bool encrypted, bool parts)
    {
        var random = Seed.Random($"damaged {encrypted} {parts}");
        using var chain = Make(random, encrypted, parts);
        var heads = chain.Folder.List().Select(e => e.Name).Where(n => ImageNames.TryParse(n, out _, out var part) && part > 0).ToList();
        foreach (var name in heads)
        {
            chain.Patch(name, random.Next(4000), new byte[96]);
            chain.Folder.Content(name).Flip(random.Next(ImageFormat.HeaderSize));
        }

        var result = DamageOracle.Check(chain, "headers of parts");
        Assert.Equal(heads.Count, result.Findings.Count);
        Assert.Equal([1L, 2, 3], result.Chains[0].Restorable);
        Assert.All(chain.Repair().Images, i => Assert.True(i.State is RepairState.Whole or RepairState.Repaired));
        Assert.Empty(DamageOracle.Check(chain, "headers of parts, repaired").Findings);

        chain.Erase(3, chain.Footer(3).MetadataOffset, chain.Footer(3).MetadataLength);
        Assert.Equal([1L, 2, 3], DamageOracle.Check(chain, "metadata").Chains[0].Restorable);
    }

    [Fact]
    public void Pages_that_newer_images_stand_before_may_be_damaged()
    {
        var random = Seed.Random();
        using var chain = new VerifyChain(codec: Codec.None);
        var content = new byte[400_000];
        random.NextBytes(content);
        chain.Add(content);
        random.NextBytes(content);
        chain.Add(content);
        chain.ErasePages(1, _ => true);
        var result = DamageOracle.Check(chain, "all of the first index");
        Assert.Equal([2L], result.Chains[0].Restorable);
        Assert.True(result.Chains[0].Points[0].NeedsSalvage);
    }

    private static VerifyChain Make(Random random, bool encrypted, bool parts) =>
        VerifyChain.OfThree(random, 300_000, codec: Codec.None, encrypted: encrypted, part: parts ? Part : 0);

    private static void Fail(VerifyChain chain, FailingFolder failing, long sequence, long offset, long length, bool parts)
    {
        var perPart = parts ? Part - ImageFormat.HeaderSize : long.MaxValue;
        for (var at = offset; at < offset + length; at++)
        {
            failing.Fail(chain.PartFile(sequence, (int)(at / perPart)), ImageFormat.HeaderSize + (at % perPart), 1);
        }
    }
}
