using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace Tidemark.Harness.Readme;

/// <summary>The README's examples for Windows: that the program takes them is all that can be proven elsewhere.</summary>
internal static partial class WindowsExamples
{
    public static IEnumerable<string> All =>
    [
        "tidemark backup C: --to E:\\backup\ntidemark backup C: D: --to E:\\backup",
        "tidemark restore E:\\backup\\C-1b4e28ba@latest D: --force",
        "schtasks /Create /TN Tidemark /SC DAILY /ST 02:00 /RU SYSTEM /RL HIGHEST /TR "
            + "\"\\\"C:\\Program Files\\Tidemark\\tidemark.exe\\\" backup C: --to E:\\backup --json\"",
    ];

    public static void Prove(string example)
    {
        foreach (var line in example.Split('\n'))
        {
            var words = Words(line);
            if (words[0] == "schtasks")
            {
                var task = words[words.IndexOf("/TR") + 1];
                // What the scheduler's own options may be is Microsoft's to say; the longest command it takes is.
                Assert.InRange(task.Length, 1, 261);
                words = Words(task);
                Assert.EndsWith(@"\Tidemark\tidemark.exe", words[0], StringComparison.Ordinal);
            }

            ReadmeCommands.Parses([.. words.Skip(1)]);
        }
    }

    /// <summary>A command's words as Windows programs are given them: quotes join, and a backslash before one keeps it.</summary>
    private static List<string> Words(string line)
    {
        var words = new List<string>();
        foreach (Match word in Word().Matches(line))
        {
            var text = new StringBuilder();
            var quoted = word.Value.StartsWith('"');
            text.Append(quoted ? word.Value[1..^1] : word.Value);
            words.Add(text.Replace("\\\"", "\"").ToString());
        }

        return words;
    }

    [GeneratedRegex(@"""(\\""|[^""])*""|[^\s""]+")]
    private static partial Regex Word();
}
