using System.CommandLine;
using System.CommandLine.Help;

namespace Tidemark.Cli.Arguments;

/// <summary>
/// Looks at the words before they are parsed: what begins with a dash is an option of the verb or refused, never a source,
/// a path or another option's value. The parser would take a mistyped option for one of several sources, and the passphrase
/// file behind it for the next.
/// </summary>
internal static class ArgumentCheck
{
    /// <summary>Behind it nothing is an option.</summary>
    private const string EndOfOptions = "--";

    /// <summary>A standard stream, as everywhere.</summary>
    private const string Stream = "-";

    /// <summary>What editors and web pages make of dashes: hyphens and dashes of all lengths, the minus, and their wide and small forms.</summary>
    private const string OtherDashes = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uFE58\uFE63\uFF0D";

    /// <summary>What separates an option from its value within one word.</summary>
    private static readonly char[] Separators = ['=', ':'];

    /// <summary>Whether an option stands among the words: before the "--", if there is one.</summary>
    public static bool Has(IEnumerable<string> arguments, string option) =>
        arguments.TakeWhile(a => a != EndOfOptions).Any(a => a == option || (Array.Exists(Separators, s => a.StartsWith(option + s, StringComparison.Ordinal))));

    /// <summary>Puts an option where it is one: before the "--", if there is one.</summary>
    public static IReadOnlyList<string> With(IReadOnlyList<string> arguments, string option)
    {
        List<string> all = [.. arguments];
        var end = all.IndexOf(EndOfOptions);
        all.Insert(end < 0 ? all.Count : end, option);
        return all;
    }

    /// <summary>What is wrong with the words, as a sentence without its end; null if nothing is.</summary>
    /// <param name="root">The verbs and their options.</param>
    /// <param name="arguments">The words, without the program's name.</param>
    /// <param name="verb">The verb, if one was named before what is wrong.</param>
    public static string? Problem(RootCommand root, IReadOnlyList<string> arguments, out Command? verb)
    {
        verb = null;
        for (var i = 0; i < arguments.Count; i++)
        {
            var word = arguments[i];
            if (word == EndOfOptions)
            {
                return null;
            }

            if (!IsOption(word))
            {
                verb ??= root.Subcommands.FirstOrDefault(c => c.Name == word);
                if (verb is null)
                {
                    return VerbText.Unknown(root, word);
                }

                continue;
            }

            var end = word.IndexOfAny(Separators);
            var name = end < 0 ? word : word[..end];
            var known = Options(root, verb);
            if (known.FirstOrDefault(o => o.Name == name || o.Aliases.Contains(name)) is not { } option)
            {
                return Unknown(word, name, verb, known);
            }

            if (option is HelpOption or VersionOption)
            {
                return null;
            }

            if (!TakesValue(option))
            {
                continue;
            }

            if (end >= 0)
            {
                if (end == word.Length - 1 && !IsEmptyMeant(option))
                {
                    return $"{name} needs a value ({option.HelpName}), and '{word}' gives none";
                }

                continue;
            }

            if (MissingValue(name, option, i + 1 < arguments.Count ? arguments[i + 1] : null) is { } missing)
            {
                return missing;
            }

            i++;
        }

        return null;
    }

    private static bool IsOption(string word) =>
        word.Length > 0 && word != Stream && (word[0] == '-' || OtherDashes.Contains(word[0], StringComparison.Ordinal));

    private static bool TakesValue(Option option) => option.ValueType != typeof(bool) && option.Arity.MaximumNumberOfValues > 0;

    /// <summary>An export's name is empty by default, so somebody may say so.</summary>
    private static bool IsEmptyMeant(Option option) => option.Name == Verbs.ServeVerb.ExportNameName;

    private static string? MissingValue(string name, Option option, string? next) => next switch
    {
        null or EndOfOptions => $"{name} needs a value ({option.HelpName}), and none follows it",
        "" when !IsEmptyMeant(option) => $"The value of {name} ({option.HelpName}) is empty",
        _ when IsOption(next) => $"{name} needs a value ({option.HelpName}), and '{next}' behind it begins with a dash, as options do; "
            + $"if it is the value, write {name}={next}",
        _ => null,
    };

    private static Option[] Options(RootCommand root, Command? verb) =>
        [.. (verb?.Options ?? []).Concat(root.Options.Where(o => verb is null || o.Recursive || o is HelpOption))];

    private static string Unknown(string word, string name, Command? verb, Option[] known)
    {
        var nearest = NearestWord.Find(name, known.Where(o => !o.Hidden).Select(o => o.Name));
        var what = verb is null ? $"There is no option '{name}' before the verb" : $"'{verb.Name}' has no option '{name}'";
        return $"{what}{(nearest is null ? "." : $"; did you mean '{nearest}'?")} "
            + $"Nothing was begun. (If it is a file, write ./{word}, or put -- before it.)";
    }
}
