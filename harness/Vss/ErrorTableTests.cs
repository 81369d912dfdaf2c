using System.Globalization;
using System.Text.RegularExpressions;
using Tidemark.Engine.Snapshots;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Vss;

/// <summary>Every error that VSS documents has a message that a person can act on.</summary>
[DiffersBySystem]
public sealed partial class ErrorTableTests
{
    private static readonly string[] Headers = ["/usr/share/mingw-w64/include/vsserror.h", "/usr/x86_64-w64-mingw32/include/vsserror.h"];

    [Fact]
    public void Every_error_of_the_header_is_in_the_table_by_its_name()
    {
        var header = Headers.FirstOrDefault(File.Exists);
        Assert.SkipWhen(header is null, "Needs vsserror.h of mingw (package mingw-w64-common).");
        var errors = Definition().Matches(File.ReadAllText(header!));
        Assert.True(errors.Count > 70, $"{header} was not read.");
        foreach (Match error in errors)
        {
            var code = (int)uint.Parse(error.Groups[2].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            Assert.True(VssErrorTable.Entries.TryGetValue(code, out var entry), $"{error.Groups[1].Value} isn't in the table.");
            Assert.Equal(error.Groups[1].Value, entry.Name);
            Assert.Contains($"({entry.Name}, 0x{error.Groups[2].Value})", VssErrors.Describe(code), StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void Every_message_says_what_happened_and_what_to_do()
    {
        foreach (var (name, text) in VssErrorTable.Entries.Values)
        {
            // It follows a colon; at least two sentences.
            Assert.True(char.IsLower(text[0]), name);
            Assert.EndsWith(".", text, StringComparison.Ordinal);
            Assert.True(Sentence().Count(text) >= 1, $"{name}: {text}");
        }
    }

    [Fact]
    public void The_stand_in_is_built_of_what_is_checked_in() =>
        Assert.All(
            new[] { "build", "vssapi.def", "standin.h", "backup_components.cpp" },
            name => Assert.True(File.Exists(Repository.PathOf("harness", "Vss", "standin", name)), name));

    [GeneratedRegex(@"#define (VSS_E_\w+) \(\(HRESULT\)0x([0-9A-Fa-f]{8})\)")]
    private static partial Regex Definition();

    [GeneratedRegex(@"[.;] ?[A-Z'a-z]")]
    private static partial Regex Sentence();
}
