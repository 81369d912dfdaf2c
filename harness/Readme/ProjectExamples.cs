using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Readme;

/// <summary>The README's examples for who has the sources: trying, testing, building, and where the time goes.</summary>
internal static class ProjectExamples
{
    public static IEnumerable<(string Command, Action<ReadmeSandbox> Proof)> All =>
    [
        ($"{Try}\ndotnet run --project engine/cli -- restore /tmp/tidemark-store/usb-stick.vhd-71de0000 /tmp/usb-stick.img", Tried),
        (Try, Tried),
        ("apt-get install gcc libc6-dev zlib1g-dev\ndotnet publish engine/cli -c Release -o /opt/tidemark\n"
            + "ln -s /opt/tidemark/tidemark /usr/local/bin/tidemark", Installed),
        ("dotnet publish engine/cli -c Release -o /opt/tidemark\nharness/test", Built),
        ("dotnet publish engine/cli -c Release -r win-x64 --self-contained -o tidemark", sandbox => Published(sandbox.Example)),
        ("tidemark backup /dev/sdb1 --to /backup --trace run.nettrace\nbench/trace run.nettrace --html run.html", Traced),
    ];

    private const string Try = "dotnet run --project engine/cli -- backup vhd-fixtures/usb-stick.vhd --to /tmp/tidemark-store";

    /// <summary>How harness/test makes what these tests run, and what it installs for that.</summary>
    private static string TestScript => File.ReadAllText(Repository.PathOf("harness", "test"));

    private static void Tried(ReadmeSandbox sandbox)
    {
        // The program that is here already, since a build would meet the one that tests run from.
        Assert.True(File.Exists(Repository.PathOf("engine", "cli", "Tidemark.Cli.csproj")));
        // By a link, since the sandbox has its own idea of where folders are.
        File.CreateSymbolicLink(sandbox.At("checkout"), Repository.Root);
        var commands = sandbox.Example.Replace("dotnet run --project engine/cli --", "tidemark", StringComparison.Ordinal).Split('\n');
        foreach (var command in commands)
        {
            sandbox.Run($"cd checkout && {command}");
        }

        if (commands.Length > 1)
        {
            // "And bring it back."
            sandbox.Run("tidemark verify /tmp/tidemark-store/usb-stick.vhd-71de0000 --against /tmp/usb-stick.img");
        }

        // "The same again makes an increment."
        Assert.Contains("Image 2 (incremental)", sandbox.Run($"cd checkout && {commands[0]}"), StringComparison.Ordinal);
        Assert.Single(sandbox.Chains("/tmp/tidemark-store"));
    }

    private static void Installed(ReadmeSandbox sandbox)
    {
        var lines = sandbox.Example.Split('\n');
        Assert.All(lines[0].Split(' ')[2..], package => Assert.Contains(package, TestScript, StringComparison.Ordinal));
        Published(lines[1]);
        // The program finds what belongs to it by a link, too; one that was built for a runtime has that from elsewhere.
        Directory.CreateDirectory(sandbox.At("/usr/local/bin"));
        var program = TidemarkCli.IsNative ? TidemarkCli.Command.Program : sandbox.At("/bin/tidemark");
        Assert.Equal("ln -s /opt/tidemark/tidemark /usr/local/bin/tidemark", lines[2]);
        File.CreateSymbolicLink(sandbox.At("/usr/local/bin/tidemark"), program);
        sandbox.AddVolume("/dev/sdb1");
        sandbox.Run($"'{sandbox.At("/usr/local/bin/tidemark")}' backup /dev/sdb1 --to /backup");
    }

    private static void Built(ReadmeSandbox sandbox)
    {
        var lines = sandbox.Example.Split('\n');
        Published(lines[0]);
        Assert.True(File.GetUnixFileMode(Repository.PathOf(lines[1])).HasFlag(UnixFileMode.OtherExecute));
    }

    // harness/test publishes so, for this processor, and it is what these tests run.
    private static void Published(string command) =>
        Assert.Contains(command[..command.IndexOf(" -o", StringComparison.Ordinal)], TestScript, StringComparison.Ordinal);

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
