using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Operations.Repairs;
using Tidemark.Engine.Operations.Verification;
using Tidemark.Harness.Operations;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Damage;

/// <summary>Lost headers, indexes, metadata and footers come back from what survived, and committed files stay as they are.</summary>
public class RepairTests
{
    private const int Size = 9_000_000;

    public static TheoryData<string, string> Losses
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var shape in new[] { "plain", "encrypted", "parts", "encrypted parts" })
            {
                foreach (var loss in new[] { "header", "footer", "index", "leaf", "index and footer", "header and metadata", "header and footer", "cut" })
                {
                    data.Add(shape, loss);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public void A_lost_piece_comes_back_and_points_are_whole_again(string shape, string loss)
    {
        var random = Seed.Random($"{shape} {loss}");
        using var chain = Make(shape, random);
        var sequence = random.Next(1, 4);
        var digest = chain.Footer(sequence).IndexDigest;
        var hopeless = loss == "header and metadata" || (loss == "header and footer" && shape.StartsWith("enc", StringComparison.Ordinal));
        Lose(chain, sequence, loss, random);
        var before = Bytes(chain);
        Assert.NotEmpty(chain.Verify(VerifyDepth.Quick).Findings);

        var result = chain.Repair();

        Assert.All(before, f => Assert.Equal(f.Value, chain.Bytes(f.Key)));
        var image = result.Images.Single(i => i.Sequence == sequence);
        Assert.All(result.Images.Where(i => i != image), i => Assert.Equal(RepairState.Whole, i.State));
        if (hopeless)
        {
            Assert.Equal(RepairState.Damaged, image.State);
            Assert.Contains("header", image.Problem, StringComparison.Ordinal);
            return;
        }

        if (loss == "cut" && sequence == 3 && image.State == RepairState.Partly)
        {
            // Nobody names the newest image's index: whether more followed can't be told, so its end counts as lost.
            Assert.Equal(image.Lost, DamageOracle.Check(chain, $"{loss} of {shape}").Chains[0].Points[2].Lost);
            return;
        }

        Assert.True(image.State == RepairState.Repaired, $"{image.State}: {image.Problem}");
        Assert.Equal([1L, 2, 3], result.Restorable);
        Assert.Equal(digest, chain.Footer(sequence).IndexDigest);
        var verified = DamageOracle.Check(chain, $"{loss} of {shape}, repaired");
        Assert.Empty(verified.Findings.Select(f => f.Message));
        Assert.All(chain.Repair().Images, i => Assert.Equal(RepairState.Whole, i.State));
        chain.Add(chain.Points[0]);
        Assert.Empty(chain.Verify(VerifyDepth.Deep).Findings);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("encrypted")]
    public void Frames_and_leaves_lost_together_are_listed_and_the_rest_comes_back(string shape)
    {
        var random = Seed.Random($"both {shape}");
        using var chain = Make(shape, random);
        var digest = chain.Footer(1).IndexDigest;
        var frames = chain.Runs(1).Where(r => r.State == BlockState.Data).GroupBy(r => r.Frame).ToList();
        var gone = frames[random.Next(1, frames.Count - 1)];
        chain.Erase(1, gone.Key.Offset, gone.Key.Length);
        Lose(chain, 1, "index and footer", random);

        var image = chain.Repair().Images[0];

        Assert.Equal(RepairState.Partly, image.State);
        Assert.Equal(chain.Ranges(gone, chain.Points[0].Length), image.Lost);
        // Children name the index that was lost, and are built on all the same.
        Assert.Equal(digest, chain.Footer(1).IndexDigest);
        var verified = DamageOracle.Check(chain, $"frames and index of {shape}, repaired");
        Assert.All(verified.Findings, f => Assert.Equal(1, f.Sequence));
        Assert.Equal(image.Lost, verified.Chains[0].Points[0].Lost);
        Assert.True(verified.Chains[0].Points[2].LostBytes < Size / 8);

        // What is lost is stored anew by the next image, whatever it is.
        chain.Add(chain.Points[0]);
        Assert.Contains(4L, DamageOracle.Check(chain, "the next image").Chains[0].Restorable);
    }

    [Fact]
    public void A_missing_part_costs_its_frames_and_no_more()
    {
        var random = Seed.Random();
        using var chain = Make("parts", random);
        chain.Folder.Delete(chain.PartFile(1, 3));
        var image = chain.Repair().Images[0];
        Assert.Equal(RepairState.Partly, image.State);
        Assert.Empty(image.Lost);
        var verified = DamageOracle.Check(chain, "a part is missing, repaired");
        Assert.InRange(verified.Chains[0].Points[0].LostBytes!.Value, 1, (4 * 65536) + (2 * (128 << 10)));
    }

    private static VerifyChain Make(string shape, Random random) => shape switch
    {
        "plain" => VerifyChain.OfThree(random, Size),
        "encrypted" => VerifyChain.OfThree(random, Size, codec: Codec.Lz4, hash: HashAlgorithm.Blake3, encrypted: true),
        "parts" => VerifyChain.OfThree(random, Size, codec: Codec.None, part: 65536 * 4),
        _ => VerifyChain.OfThree(random, Size, encrypted: true, part: 65536 * 4),
    };

    private static Dictionary<string, byte[]> Bytes(VerifyChain chain) =>
        chain.Folder.List().ToDictionary(e => e.Name, e => chain.Bytes(e.Name));

    internal static void Lose(VerifyChain chain, long sequence, string loss, Random random)
    {
        var footer = chain.Footer(sequence);
        var root = footer.Root!.Value;
        switch (loss)
        {
            case "header":
                chain.EraseHeader(sequence);
                break;
            case "footer":
                chain.Erase(sequence, footer.PayloadLength, ImageFormat.FooterSize);
                break;
            case "index":
                chain.ErasePages(sequence, _ => true);
                break;
            case "leaf":
                chain.ErasePages(sequence, level => level == 0 && random.Next(2) == 0);
                chain.Erase(sequence, root.Offset, root.Length);
                break;
            case "index and footer":
                chain.ErasePages(sequence, level => level == 0 || random.Next(2) == 0);
                goto case "footer";
            case "header and metadata":
                chain.Erase(sequence, footer.MetadataOffset, footer.MetadataLength);
                goto case "header";
            case "header and footer":
                chain.Erase(sequence, footer.PayloadLength, ImageFormat.FooterSize);
                goto case "header";
            default:
                chain.Cut(sequence, root.Offset + (root.Length / 2));
                break;
        }
    }
}
