using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Tidemark.Engine;

namespace Tidemark.Cli.Arguments;

/// <summary>Sizes as people type them: bytes, or with K, M, G or T in powers of 1024.</summary>
internal static class SizeText
{
    private const string Units = "KMGT";

    /// <summary>An option that takes a size.</summary>
    public static Option<long?> Option(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "SIZE",
        CustomParser = Parse,
    };

    /// <summary>Reads a size; false for anything that isn't one, or is more than 2^63 - 1.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        var digits = text.AsSpan();
        var shift = 0;
        if (digits.Length > 1 && digits[^1] is 'B' or 'b')
        {
            digits = digits[..^1];
        }

        if (digits.Length > 1 && digits[^1] is 'i')
        {
            digits = digits[..^1];
        }

        if (digits.Length > 1 && Units.IndexOf(char.ToUpperInvariant(digits[^1]), StringComparison.Ordinal) is >= 0 and var unit)
        {
            shift = 10 * (unit + 1);
            digits = digits[..^1];
        }

        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > long.MaxValue >> shift)
        {
            return false;
        }

        bytes = number << shift;
        return true;
    }

    /// <summary>The value of an option for the engine, which takes no sizes past 2 GiB there.</summary>
    public static int? Narrow(ParseResult parsed, Option<long?> option)
    {
        var value = parsed.GetValue(option);
        return value > int.MaxValue
            ? throw new TidemarkException(TidemarkError.WrongUse, $"{value} bytes are too many for {option.Name}.")
            : (int?)value;
    }

    private static long? Parse(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (TryParse(text, out var bytes))
        {
            return bytes;
        }

        result.AddError($"'{text}' is not a size: give bytes, or a whole number with K, M, G or T, for example 16K or 4G");
        return null;
    }
}
