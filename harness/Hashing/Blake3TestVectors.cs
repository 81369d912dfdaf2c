using System.Text;
using System.Text.Json;
using Tidemark.Engine.Hashing;
using Xunit;

namespace Tidemark.Harness.Hashing;

/// <summary>One case of the official test vectors: the outputs are extended ones, longer than the default length.</summary>
internal sealed record Blake3TestVector(int InputLength, byte[] Hash, byte[] KeyedHash, byte[] DeriveKey)
{
    /// <summary>The input of the official vectors repeats 0, 1, to 250.</summary>
    private const int PatternLength = 251;

    public byte[] Input()
    {
        var input = new byte[InputLength];
        for (var i = 0; i < input.Length; i++)
        {
            input[i] = (byte)(i % PatternLength);
        }

        return input;
    }
}

/// <summary>The official test vectors of BLAKE3, and the rungs that they are tried on.</summary>
internal static class Blake3TestVectors
{
    /// <summary>Names of the rungs, as test data.</summary>
    public static TheoryData<string> RungNames => ["scalar", "v128", "avx2", "avx512"];

    public static byte[] Key { get; } = Encoding.ASCII.GetBytes("whats the Elvish word for friend");

    public static byte[] Context { get; } = Encoding.ASCII.GetBytes("BLAKE3 2019-12-27 16:29:52 test vectors context");

    public static IReadOnlyList<Blake3TestVector> Cases { get; } = Load();

    /// <summary>The rung of that name; the test is skipped where the processor can't run it.</summary>
    public static Blake3Rung RungOrSkip(string name)
    {
        var rung = Rung(name);
        Assert.SkipUnless(rung.IsSupported, $"This processor lacks what the rung {name} needs.");
        return rung;
    }

    /// <summary>Every rung that this machine runs.</summary>
    public static IEnumerable<Blake3Rung> SupportedRungs() =>
        RungNames.Select(row => Rung(row.Data)).Where(rung => rung.IsSupported);

    private static Blake3Rung Rung(string name) => name switch
    {
        "scalar" => Blake3Rung.Scalar,
        "v128" => Blake3Rung.Vector128,
        "avx2" => Blake3Rung.Avx2,
        "avx512" => Blake3Rung.Avx512,
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    private static List<Blake3TestVector> Load()
    {
        using var stream = typeof(Blake3TestVectors).Assembly.GetManifestResourceStream("blake3-test-vectors.json");
        Assert.NotNull(stream);
        using var document = JsonDocument.Parse(stream);
        Assert.Equal(Encoding.ASCII.GetString(Key), document.RootElement.GetProperty("key").GetString());
        Assert.Equal(Encoding.ASCII.GetString(Context), document.RootElement.GetProperty("context_string").GetString());
        return
        [
            .. document.RootElement.GetProperty("cases").EnumerateArray().Select(item => new Blake3TestVector(
                item.GetProperty("input_len").GetInt32(),
                Convert.FromHexString(item.GetProperty("hash").GetString()!),
                Convert.FromHexString(item.GetProperty("keyed_hash").GetString()!),
                Convert.FromHexString(item.GetProperty("derive_key").GetString()!))),
        ];
    }
}
