using Tidemark.Harness.Roaming;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Vss;

/// <summary>
/// The stand-in as the vssapi.dll of a prefix of Wine, for runs of the whole program, which takes the system's own and no
/// other. Runs that don't ask for it get Wine's, whatever lies in the prefix.
/// </summary>
internal static class InstalledStandin
{
    private static readonly Lock Gate = new();

    /// <summary>Skips the test unless Wine, the program and the stand-in are there.</summary>
    public static void Require()
    {
        WineCli.Require();
        var library = Environment.GetEnvironmentVariable(Standin.Variable);
        Assert.SkipUnless(File.Exists(library), $"Needs the stand-in for vssapi.dll ({Standin.Variable} names it; harness/Vss/standin/build makes it).");
        var installed = Path.Combine(WineCli.Prefix, "drive_c", "windows", "system32", "vssapi.dll");
        lock (Gate)
        {
            if (new FileInfo(installed).Length != new FileInfo(library!).Length)
            {
                File.Copy(library!, installed, overwrite: true);
            }
        }
    }

    /// <summary>The variables of one run.</summary>
    /// <param name="log">Where its calls go.</param>
    /// <param name="devices">The shadow devices handed out, in order.</param>
    /// <param name="more">Further settings, without their prefix.</param>
    public static Dictionary<string, string?> Settings(string log, IEnumerable<string> devices, params (string Name, string Value)[] more)
    {
        var variables = new Dictionary<string, string?>
        {
            ["WINEDLLOVERRIDES"] = "vssapi=n",
            ["VSS_STANDIN_LOG"] = WineCli.PathOf(log),
            ["VSS_STANDIN_DEVICES"] = string.Join(';', devices),
            ["VSS_STANDIN_WRITERS"] = "NTDS;SqlServerWriter",
        };
        foreach (var (name, value) in more)
        {
            variables[$"VSS_STANDIN_{name}"] = value;
        }

        return variables;
    }
}
