using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Readme;

/// <summary>The README's examples for who has the sources: trying, testing, building, and where the time goes.</summary>
internal static class ProjectExamples
{
    public static IEnumerable<(string Command, Action<ReadmeSandbox> Proof)> All =>
    [
        ("dotnet run --project engine/cli -- backup vhd-fixtures/usb-stick.vhd --to /tmp/tidemark-store", Tried),
        ("harness/test", _ => Assert.True(File.GetUnixFileMode(Repository.PathOf("harness", "test")).HasFlag(UnixFileMode.OtherExecute))),
        ("dotnet publish engine/cli -c Release -o /opt/tidemark", Published),
        ("tidemark backup /dev/sdb1 --to /backup --trace run.nettrace\nbench/trace run.nettrace --html run.html", Traced),
    ];

    private static void Tried(ReadmeSandbox sandbox)
    {
        // The program that is here already, since a build would meet the one that tests run from.
        Assert.True(File.Exists(Repository.PathOf("engine", "cli", "Tidemark.Cli.csproj")));
        // By a link, since the sandbox has its own idea of where folders are.
        File.CreateSymbolicLink(sandbox.At("checkout"), Repository.Root);
        var command = sandbox.Example.Replace("dotnet run --project engine/cli --", "cd checkout && tidemark", StringComparison.Ordinal);
        sandbox.Run(command);
        // "The same again makes an increment."
        Assert.Contains("Image 2 (incremental)", sandbox.Run(command), StringComparison.Ordinal);
        Assert.Single(sandbox.Chains("/tmp/tidemark-store"));
    }

    private static void Published(ReadmeSandbox sandbox)
    {
        // harness/test publishes so, for this processor, and it is what these tests run.
        var command = sandbox.Example[..sandbox.Example.IndexOf(" -o", StringComparison.Ordinal)];
        Assert.Contains(command, File.ReadAllText(Repository.PathOf("harness", "test")), StringComparison.Ordinal);
    }

    private static void Traced(ReadmeSandbox sandbox)
    {
        sandbox.AddVolume("/dev/sdb1");
        // The reporter that was built with the tests, where bench/trace would build it.
        Assert.Contains("/TraceReport\"", File.ReadAllText(Repository.PathOf("bench", "trace")), StringComparison.Ordinal);
        var host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        ReadmeSandbox.Script(sandbox.At("bench/trace"), $"{host} {Path.Combine(AppContext.BaseDirectory, "Tidemark.TraceReport.dll")}");
        foreach (var line in sandbox.Example.Split('\n'))
        {
            sandbox.Run(line);
        }

        Assert.Contains("</html>", File.ReadAllText(sandbox.At("run.html")), StringComparison.Ordinal);
    }
}
