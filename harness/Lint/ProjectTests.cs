using System.Xml.Linq;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Lint;

/// <summary>The project's rules for projects: who may refer to whom, and where versions stand.</summary>
[DiffersBySystem]
public class ProjectTests
{
    [Fact]
    public void Interop_refers_to_nothing()
    {
        Assert.Empty(References("interop"));
        // A build with -p:UseTerraFX=true takes that instead of the subset in interop/windows.
        Assert.Equal(["TerraFX.Interop.Windows"], Packages("interop"));
        var project = ProjectsIn("interop").Single();
        Assert.Equal("'$(UseTerraFX)' == 'true'", Elements(project, "PackageReference").Single().Parent!.Attribute("Condition")!.Value);
    }

    [Fact]
    public void The_engine_refers_to_interop_alone() =>
        Assert.Equal(["interop/Tidemark.Interop.csproj"], References("engine/lib"));

    [Fact]
    public void AlphaVSS_is_nothing_but_a_condition_of_one_project()
    {
        var project = ProjectsIn("engine/lib").Single();
        var package = Elements(project, "PackageReference").Single(element => element.Attribute("Include")!.Value == "AlphaVSS");
        Assert.Equal("'$(UseAlphaVss)' == 'true'", package.Parent!.Attribute("Condition")!.Value);
        Assert.Single(SourceFile.Code, file => file.Path != "harness/Lint/ProjectTests.cs" && file.Text.Contains("using Alphaleonis", StringComparison.Ordinal));
    }

    [Fact]
    public void The_command_line_refers_to_the_engine_alone() =>
        Assert.Equal(["engine/lib/Tidemark.Engine.csproj"], References("engine/cli"));

    [Fact]
    public void Nothing_refers_to_what_tests_and_measures()
    {
        string[] outer = ["harness", "fuzz", "bench"];
        foreach (var room in new[] { "interop", "engine/lib", "engine/cli" })
        {
            Assert.DoesNotContain(References(room), reference => outer.Any(folder => reference.StartsWith(folder, StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = SourceFile.All.Single(file => file.Path == "Native.sln").Text.Replace('\\', '/');
        Assert.All(SourceFile.Projects, project => Assert.Contains($"\"{project.Path}\"", solution, StringComparison.Ordinal));
    }

    [Fact]
    public void Versions_stand_in_one_place()
    {
        Assert.Empty(SourceFile.Projects.SelectMany(project => Elements(project, "PackageReference")
            .Where(package => package.Attribute("Version") != null || package.Attribute("VersionOverride") != null)
            .Select(package => $"{project.Path}: {package}")));
        Assert.Empty(SourceFile.Projects.SelectMany(project => Elements(project, "TargetFramework").Concat(Elements(project, "LangVersion"))
            .Select(element => $"{project.Path}: {element}")));
    }

    [Fact]
    public void Every_version_is_exact()
    {
        var central = SourceFile.All.Single(file => file.Path == "Directory.Packages.props");
        var versions = Elements(central, "PackageVersion").ToArray();
        Assert.NotEmpty(versions);
        // A floating version makes two builds of one commit differ.
        Assert.All(versions, version => Assert.Matches(@"^\d+(\.\d+)+(-[\w.]+)?$", version.Attribute("Version")!.Value));
    }

    [Fact]
    public void No_project_silences_all_warnings() =>
        Assert.Empty(SourceFile.Projects.SelectMany(project => Elements(project, "TreatWarningsAsErrors").Concat(Elements(project, "Nullable"))
            .Select(element => $"{project.Path}: {element}")));

    private static string[] References(string folder) =>
        [.. ProjectsIn(folder).SelectMany(project => Elements(project, "ProjectReference")
            .Select(reference => Resolve(project.Path, reference.Attribute("Include")!.Value)))];

    private static string[] Packages(string folder) =>
        [.. ProjectsIn(folder).SelectMany(project => Elements(project, "PackageReference").Select(package => package.Attribute("Include")!.Value))];

    private static SourceFile[] ProjectsIn(string folder)
    {
        var projects = SourceFile.Projects.Where(project => project.IsIn(folder)).ToArray();
        Assert.NotEmpty(projects);
        return projects;
    }

    private static IEnumerable<XElement> Elements(SourceFile file, string name) =>
        XDocument.Parse(file.Text.TrimStart('\uFEFF')).Descendants(name);

    private static string Resolve(string project, string reference) => Path.GetRelativePath(
        "/", Path.GetFullPath(Path.Combine("/", Path.GetDirectoryName(project)!, reference.Replace('\\', '/')))).Replace('\\', '/');
}
