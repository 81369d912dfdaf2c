using System.ComponentModel;
using System.Diagnostics;
using Xunit;

namespace Tidemark.Harness.Support;

/// <summary>Programs of the machine: judges of what Tidemark does, and makers of file systems and disks.</summary>
internal static class Tool
{
    /// <summary>Times that a program is run whose answer hangs on other tests' mounts: for ten seconds.</summary>
    private const int MountAttempts = 100;

    /// <summary>ERROR_INTERNAL_ERROR, with which Wine's server now and then refuses a process while many begin.</summary>
    private const int InternalError = 1359;

    private const int StartAttempts = 10;

    // Administrators' tools stand where an ordinary user's PATH doesn't look.
    private static readonly string[] MoreFolders = OperatingSystem.IsWindows() ? [] : ["/usr/local/sbin", "/usr/sbin", "/sbin"];

    /// <summary>The full path of a program, or null.</summary>
    public static string? Find(string name)
    {
        if (name.Contains(Path.DirectorySeparatorChar))
        {
            return File.Exists(name) ? name : null;
        }

        // Under Wine a path without a letter would lead to programs of the system around it.
        if (OperatingSystem.IsWindows() && !Path.HasExtension(name))
        {
            name += ".exe";
        }

        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.Concat(MoreFolders).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }

    public static bool Has(string name) => Find(name) != null;

    /// <summary>Skips the test if one of the programs isn't there.</summary>
    public static void Require(params string[] names)
    {
        var missing = names.Where(name => !Has(name)).ToArray();
        Assert.SkipWhen(missing.Length > 0, $"Needs {string.Join(", ", missing)}, which this machine doesn't have.");
    }

    /// <summary>Runs a program to its end and fails if that isn't 0.</summary>
    public static ToolResult Run(string name, params string[] arguments) => Try(name, arguments).Succeeded();

    /// <summary>Runs a program to its end, whatever that is.</summary>
    public static ToolResult Try(string name, params string[] arguments)
    {
        for (var attempt = 1; ; attempt++)
        {
            var result = Start(name, arguments, Patience.Limit);

            // mkfs.btrfs asks after all mounts of the machine, and one whose server another test has just killed doesn't answer.
            if (name != "mkfs.btrfs" || attempt == MountAttempts || !result.Error.Contains("cannot check mount status", StringComparison.Ordinal))
            {
                return result;
            }

            Thread.Sleep(100);
        }
    }

    /// <param name="timeout">When the program and all it started are killed, and the test fails.</param>
    /// <param name="input">What the program reads on standard input; nothing by default.</param>
    /// <param name="environment">Variables set for the program; a null value removes one.</param>
    public static ToolResult Start(
        string name, IReadOnlyList<string> arguments, TimeSpan timeout, string input = "",
        IReadOnlyDictionary<string, string?>? environment = null)
    {
        var command = $"{name} {string.Join(' ', arguments)}";
        var start = new ProcessStartInfo(Find(name) ?? name, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // Messages that tests read are the untranslated ones; names of files are UTF-8.
        start.Environment["LC_ALL"] = "C.UTF-8";
        foreach (var (key, value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[key] = value;
        }

        using var process = Launch(start, command);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // A program may end without reading its input.
        }

        if (!process.WaitForExit(timeout))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            throw new TimeoutException($"{command} didn't end within {timeout.TotalSeconds} s.\n{Taken(output)}\n{Taken(error)}");
        }

        return new ToolResult(command, process.ExitCode, Lines(Taken(output)), Lines(Taken(error)));
    }

    private static Process Launch(ProcessStartInfo start, string command)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return Process.Start(start)!;
            }
            catch (Win32Exception e) when (e.NativeErrorCode == InternalError && attempt < StartAttempts && Wine.Is)
            {
                Thread.Sleep(attempt * 100);
            }
            catch (Win32Exception e)
            {
                throw new InvalidOperationException($"{command} can't be started: {e.Message}", e);
            }
        }
    }

    // Lines end as the system has it.
    private static string Lines(string text) => OperatingSystem.IsWindows() ? text.ReplaceLineEndings("\n") : text;

    // A child that outlives the program (a FUSE server) keeps the pipe open, so the end of the pipe isn't waited for
    // without a bound; what the program itself wrote is there long before.
    private static string Taken(Task<string> text) => text.Wait(TimeSpan.FromMinutes(1)) ? text.Result : "(output still open)";
}
