using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Tidemark.Cli.Arguments;

/// <summary>Options that take one of a few words, or a number.</summary>
internal static class Choice
{
    public static Option<T?> Option<T>(string name, string description, params (string Word, T Value)[] choices)
        where T : struct
    {
        var option = new Option<T?>(name)
        {
            Description = description,
            HelpName = string.Join('|', choices.Select(c => c.Word)),
            CustomParser = Parse,
        };
        option.CompletionSources.Add([.. choices.Select(c => c.Word)]);
        return option;

        T? Parse(ArgumentResult result)
        {
            var text = result.Tokens[0].Value;
            foreach (var (word, value) in choices)
            {
                if (text == word)
                {
                    return value;
                }
            }

            result.AddError($"'{text}' is no value of {name}: give {string.Join(", ", choices.Select(c => c.Word))}");
            return null;
        }
    }

    /// <summary>An option that takes a whole number; the engine knows which are possible.</summary>
    public static Option<int?> Number(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return number;
            }

            result.AddError($"'{result.Tokens[0].Value}' is no value of {name}: give a whole number");
            return null;
        },
    };
}
