using System.Reflection;
using System.Text.RegularExpressions;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Lint;

/// <summary>That what differs by system is tested under Wine each time (<see cref="DiffersBySystemAttribute"/>).</summary>
public partial class SystemTests
{
    /// <summary>Rooms whose every test is about something that each system has in its own way.</summary>
    private static readonly string[] Rooms = ["CommandLine", "Devices", "Io", "Locks", "Roaming", "Stores", "Vss"];

    /// <summary>What of these rooms is the same code on the same bytes: formats, and what is compared.</summary>
    private static readonly Type[] Same =
    [
        typeof(CommandLine.DeltaFaultTests), typeof(CommandLine.DeltaTests), typeof(CommandLine.ExportVerbTests), typeof(CommandLine.ImportVerbTests),
    ];

    private static readonly Type[] Classes = [.. typeof(SystemTests).Assembly.GetTypes().Where(IsTestClass)];

    [Fact]
    public void Every_test_of_a_room_that_differs_by_system_says_so()
    {
        foreach (var room in Rooms)
        {
            var classes = Classes.Where(type => type.Namespace == $"{typeof(SmokeTests).Namespace}.{room}").ToArray();
            Assert.NotEmpty(classes);
            Assert.Empty(classes.Except(Same).Where(type => !Differs(type)).Select(type => type.FullName));
        }
    }

    [Fact]
    public void Every_test_that_only_Windows_runs_says_so()
    {
        var files = SourceFile.Code.Where(file => file.IsIn("harness") && OnlyOnWindows().IsMatch(file.Text)).ToArray();
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            var names = ClassName().Matches(file.Text).Select(match => match.Groups[1].Value).ToHashSet();
            Assert.Empty(Classes.Where(type => names.Contains(type.Name) && !Differs(type)).Select(type => type.FullName));
        }
    }

    [Fact]
    public void There_is_a_history_of_each_kind_among_them()
    {
        // In memory, on files, and on both systems in turn.
        Assert.All(
            new[] { typeof(Engine.RoundTripTests), typeof(Properties.FileHistoryProperties), typeof(Roaming.RoamingTests) },
            type => Assert.True(Differs(type), type.FullName));
        Assert.All(Same, type => Assert.False(Differs(type), type.FullName));
        // What doesn't differ is left to the long form, or nothing would be gained.
        Assert.Contains(Classes, type => !Differs(type));
    }

    private static bool Differs(Type type) => type.GetCustomAttribute<DiffersBySystemAttribute>() is not null;

    private static bool IsTestClass(Type type) => !type.IsAbstract
        && type.GetMethods().Any(method => method.GetCustomAttributes<FactAttribute>().Any());

    [GeneratedRegex(@"\bOnlyOn\.Windows\(|\bWine\.Is\b|\bWine\.Lacks\(")]
    private static partial Regex OnlyOnWindows();

    [GeneratedRegex(@"\bclass (\w+)")]
    private static partial Regex ClassName();
}
