using System.Reflection;
using System.Text.RegularExpressions;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Lint;

/// <summary>Every case from the field has a test that carries its number.</summary>
public partial class CaseTests
{
    [Fact]
    public void Every_row_has_a_test()
    {
        var rows = Rows();
        Assert.NotEmpty(rows);
        Assert.Equal(rows.Distinct(), rows);
        var tested = Tested();
        Assert.Empty(rows.Except(tested));
        // A number that no row has is a typing error.
        Assert.Empty(tested.Except(rows));
    }

    [Fact]
    public void A_case_stands_on_what_the_runner_runs() =>
        Assert.Empty(Methods().Where(method => method.IsDefined(typeof(CaseAttribute)) && !IsTest(method))
            .Select(method => $"{method.DeclaringType}.{method.Name}"));

    private static string[] Rows() =>
        [.. Row().Matches(SourceFile.All.Single(file => file.Path == "harness/CASES.md").Text).Select(match => match.Groups[1].Value)];

    private static HashSet<string> Tested()
    {
        var members = Methods().Cast<MemberInfo>().Concat(Methods().Where(IsTest).Select(method => method.ReflectedType!).Distinct());
        return [.. members.SelectMany(member => member.GetCustomAttributes<CaseAttribute>()).Select(row => row.Number)];
    }

    private static IEnumerable<MethodInfo> Methods() =>
        typeof(CaseTests).Assembly.GetTypes().Where(type => type is { IsClass: true, IsAbstract: false }).SelectMany(type => type.GetMethods());

    private static bool IsTest(MethodInfo method) => method.GetCustomAttributes<FactAttribute>().Any();

    [GeneratedRegex(@"^\| (\d+\.\d+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
