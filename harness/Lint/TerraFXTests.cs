using System.Runtime.CompilerServices;
using TerraFX.Interop.Windows;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Lint;

/// <summary>
/// That <c>interop/windows</c> is a subset of TerraFX.Interop.Windows: what it declares, that library declares in the same
/// shape, so that code above it compiles with either (<c>-p:UseTerraFX=true</c>). The library's surface is a list here, and
/// a build with the library holds the list to that.
/// </summary>
[DiffersBySystem]
public class TerraFXTests
{
    private static readonly string[] Lines = Read();

    private static readonly Dictionary<string, (string Head, List<string> Members)> Listed =
        Surface.Parse(Lines.Where(line => !line.Contains("clash ", StringComparison.Ordinal)));

    private static readonly Dictionary<string, Type> Compiled = typeof(HANDLE).Assembly.GetTypes()
        .Where(type => type is { IsPublic: true, Namespace: "TerraFX.Interop.Windows" }).ToDictionary(type => type.Name);

    private static bool IsSubset => typeof(HANDLE).Assembly == typeof(Tidemark.Interop.Windows.KernelHandle).Assembly;

    public static TheoryData<string> Types => [.. (IsSubset ? Compiled.Keys : (IEnumerable<string>)Listed.Keys).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Types))]
    public void A_type_is_a_part_of_theirs(string name)
    {
        Assert.True(Listed.TryGetValue(name, out var listed), $"TerraFX.Interop.Windows has no {name}, or the list lacks it.");
        Assert.True(Compiled.TryGetValue(name, out var type), $"TerraFX.Interop.Windows has no {name}.");
        var (head, members) = Surface.Of(type);
        Assert.Equal(listed.Head, head);
        Assert.Empty(IsSubset ? members.Except(listed.Members) : listed.Members.Except(members));
        if (type is { IsValueType: true, IsEnum: false })
        {
            // Of a structure every field counts, in its order, those of the types within it included.
            Assert.Equal(Layout(listed.Members), Layout(members));
        }
    }

    [Fact]
    public void Names_that_are_ambiguous_there_are_ambiguous_here()
    {
        // Otherwise what compiles here might not with theirs.
        var clashes = Lines.Where(line => line.Contains("clash ", StringComparison.Ordinal)).Select(line => line.Split(' ')[^1]).ToArray();
        Assert.NotEmpty(clashes);
        Assert.All(clashes, name =>
        {
            Assert.Contains(name, Compiled.Keys);
            Assert.NotNull(typeof(Windows).GetField(name));
        });
    }

    [Fact]
    public void Inline_arrays_are_as_long_as_those_of_the_system()
    {
        // Their lengths are no part of the list.
        Assert.Equal(16, Unsafe.SizeOf<FILE_ID_128>());
        Assert.Equal(112, Unsafe.SizeOf<PARTITION_INFORMATION_GPT>());
    }

    [Fact]
    public void No_code_asks_which_of_them_it_is_built_with() => Assert.Empty(SourceFile.Code
        .Where(file => file.Path != "harness/Lint/TerraFXTests.cs")
        .SelectMany(file => file.Lines(line => line.TrimStart().StartsWith("#if", StringComparison.Ordinal) && line.Contains("TERRAFX", StringComparison.OrdinalIgnoreCase))));

    private static IEnumerable<string> Layout(IEnumerable<string> members) =>
        members.Where(line => line.TrimStart().Split(' ')[0] is "field" or "nested");

    private static string[] Read()
    {
        using var stream = typeof(TerraFXTests).Assembly.GetManifestResourceStream("terrafx-surface.txt")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
