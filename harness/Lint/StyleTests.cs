using System.Text;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Lint;

/// <summary>
/// What .editorconfig says of code and the compiler doesn't look at; all the rest of it is an error of the build. So
/// <c>dotnet format</c> finds nothing that a build and these tests let pass.
/// </summary>
public class StyleTests
{
    private const string Static = "static ";

    [Fact]
    public void Code_is_UTF_8_without_a_mark_and_its_lines_end_with_a_line_feed()
    {
        var wrong = SourceFile.Code.Select(file => file.Path).Where(path =>
        {
            var bytes = File.ReadAllBytes(Repository.PathOf(path));
            return bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) || bytes.Contains((byte)'\r') || !Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes)).AsSpan().SequenceEqual(bytes);
        });
        Assert.Empty(wrong);
    }

    [Fact]
    public void Code_ends_with_one_line_feed_and_no_line_with_a_space()
    {
        Assert.Empty(SourceFile.Code.Where(file => !file.Text.EndsWith('\n') || file.Text.EndsWith("\n\n", StringComparison.Ordinal)).Select(file => file.Path));
        Assert.Empty(SourceFile.Code.SelectMany(file => file.Lines(line => line.EndsWith(' ') || line.EndsWith('\t'))));
    }

    [Fact]
    public void Usings_are_in_order() => Assert.Empty(SourceFile.Code.Where(file => !InOrder(UsingsOf(file.Text))).Select(file => file.Path));

    [Theory]
    [InlineData("using System;\nusing System.Text;\nusing A;\nusing B.C;\nusing static A;\nusing X = A;\n", true)]
    [InlineData("using A;\nusing System.Text;\n", false)]
    [InlineData("using B;\nusing A;\n", false)]
    [InlineData("using static A;\nusing B;\n", false)]
    [InlineData("using X = A;\nusing static B;\n", false)]
    [InlineData("using Systemic;\nusing Alpha;\n", false)]
    public void An_order_is_recognised(string text, bool isInOrder) => Assert.Equal(isInOrder, InOrder(UsingsOf(text)));

    // Names before static classes before aliases; System before all others; then by name, whatever its case.
    private static bool InOrder(string[] usings) => usings.SequenceEqual(usings
        .OrderBy(text => text.Contains('=', StringComparison.Ordinal) ? 2 : text.StartsWith(Static, StringComparison.Ordinal) ? 1 : 0)
        .ThenBy(text => IsSystem(text) ? 0 : 1)
        .ThenBy(text => text, StringComparer.OrdinalIgnoreCase));

    private static bool IsSystem(string text) => NameOf(text) is var name && (name == "System" || name.StartsWith("System.", StringComparison.Ordinal));

    private static string NameOf(string text) => text.StartsWith(Static, StringComparison.Ordinal) ? text[Static.Length..] : text;

    private static string[] UsingsOf(string text) => [.. text.Split('\n')
        .TakeWhile(line => !line.StartsWith("namespace ", StringComparison.Ordinal))
        .Where(line => line.StartsWith("using ", StringComparison.Ordinal) && line.EndsWith(';') && !line.Contains('(', StringComparison.Ordinal))
        .Select(line => line["using ".Length..^1])];
}
