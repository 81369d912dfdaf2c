using System.Diagnostics;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Roaming;

/// <summary>
/// The command line of Windows under Wine, on the same machine and the same files as Linux's: <c>harness/test</c> publishes
/// it, names it in TIDEMARK_WIN_EXE, and makes the prefix that WINEPREFIX names.
/// </summary>
internal static class WineCli
{
    private const string Variable = "TIDEMARK_WIN_EXE";

    private const string PrefixVariable = "WINEPREFIX";

    private static string Program => Environment.GetEnvironmentVariable(Variable) ?? "";

    public static string Prefix => Environment.GetEnvironmentVariable(PrefixVariable) ?? "";

    /// <summary>Skips the test unless Wine, its prefix and the program are there.</summary>
    public static void Require()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Two systems meet on Linux alone, where Wine is.");
        Tool.Require("wine");
        Assert.SkipUnless(File.Exists(Program), $"Needs the program published for win-x64 ({Variable} names it).");
        Assert.SkipUnless(Directory.Exists(Path.Combine(Prefix, "dosdevices")), $"Needs a prefix of Wine ({PrefixVariable} names it).");
    }

    /// <summary>A path of Linux as Wine's programs know it.</summary>
    public static string PathOf(string path) => "Z:" + Path.GetFullPath(path).Replace('/', '\\');

    /// <summary>The path of Linux behind one that a program under Wine told.</summary>
    public static string UnixPathOf(string path) =>
        path.StartsWith("Z:", StringComparison.OrdinalIgnoreCase) ? path[2..].Replace('\\', '/') : path;

    /// <summary>Runs a verb to its end.</summary>
    public static CliResult Run(params string[] arguments) => Run(new Dictionary<string, string?>(), arguments);

    /// <summary>The same with variables set for it alone.</summary>
    public static CliResult Run(IReadOnlyDictionary<string, string?> variables, params string[] arguments)
    {
        var process = Tool.Start("wine", [Program, .. arguments], Patience.Limit, "", EnvironmentWith(variables));
        return new CliResult(process, arguments.Contains("--json") ? TidemarkCli.Events(process) : []);
    }

    /// <summary>What starts a verb, for tests that do something to it while it runs.</summary>
    public static ProcessStartInfo Start(IReadOnlyDictionary<string, string?> variables, params string[] arguments)
    {
        var start = new ProcessStartInfo(Tool.Find("wine")!, [Program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in EnvironmentWith(variables))
        {
            start.Environment[name] = value;
        }

        return start;
    }

    /// <summary>Gives a block device a letter, by which it is a raw device under Wine until this is disposed.</summary>
    public static Letter Attach(string device)
    {
        for (var letter = 'd'; letter < 'w'; letter++)
        {
            var link = Path.Combine(Prefix, "dosdevices", $"{letter}::");
            try
            {
                File.CreateSymbolicLink(link, device);
                return new Letter(link, $@"\\.\{char.ToUpperInvariant(letter)}:");
            }
            catch (IOException)
            {
                // Another test has it.
            }
        }

        throw new InvalidOperationException("No letter is left.");
    }

    private static Dictionary<string, string?> EnvironmentWith(IReadOnlyDictionary<string, string?> variables) => new(variables)
    {
        ["WINEDEBUG"] = "-all",
        ["WINEARCH"] = "win64",
        // Without it the runtime dies in finalizers under Wine 8.
        ["DOTNET_EnableWriteXorExecute"] = "0",
    };

    /// <param name="Path">What Windows' programs open.</param>
    internal sealed record Letter(string Link, string Path) : IDisposable
    {
        public void Dispose() => File.Delete(Link);
    }
}
