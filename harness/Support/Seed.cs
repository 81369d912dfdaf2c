using System.Globalization;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Text;
using Xunit;

namespace Tidemark.Harness.Support;

/// <summary>
/// Where all randomness of a run comes from: one number, from TIDEMARK_SEED or drawn at the start, from which every
/// test derives its own by name. So a test gets the same numbers alone as within the whole run, in any order.
/// </summary>
internal static class Seed
{
    public const string Variable = "TIDEMARK_SEED";

    private static string? Given => Environment.GetEnvironmentVariable(Variable);

    /// <summary>What is wrong with the seed that was given, or null; a run doesn't start with a wrong one.</summary>
    public static string? Problem =>
        string.IsNullOrEmpty(Given) || ulong.TryParse(Given, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? null
            : $"{Variable} is '{Given}', not a number from 0 to {ulong.MaxValue}.";

    /// <summary>The number of this run.</summary>
    public static ulong Run { get; } = Read();

    /// <summary>How this run's random tests are run again.</summary>
    public static string Replay { get; } = $"{Variable}={Run} (harness/test --seed {Run})";

    /// <summary>The number that belongs to a name in this run.</summary>
    public static ulong Of(string name) => XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(name), (long)Run);

    /// <summary>A random source for the calling test; the test's output says how to get the same again.</summary>
    public static Random Random([CallerMemberName] string name = "")
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {Replay}");
        return new Random((int)Of(name));
    }

    private static ulong Read()
    {
        if (string.IsNullOrEmpty(Given))
        {
            // 32 bits are enough to differ and short enough to be typed.
            return (uint)System.Random.Shared.NextInt64(1L << 32);
        }

        return ulong.TryParse(Given, NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? seed : 0;
    }
}
