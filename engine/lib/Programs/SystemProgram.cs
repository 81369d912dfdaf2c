using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Tidemark.Engine.Programs;

/// <summary>
/// A program of the system that Tidemark has work done by, instead of writing file systems and machines of its own.
/// </summary>
/// <param name="Name">How it is called.</param>
/// <param name="Package">The package that brings it, by its name in Debian and most others.</param>
internal sealed record SystemProgram(string Name, string Package)
{
    // Administrators' programs stand where an ordinary user's PATH doesn't look.
    private static readonly string[] MoreFolders = OperatingSystem.IsWindows() ? [] : ["/usr/local/sbin", "/usr/sbin", "/sbin"];

    /// <summary>Whether it is there.</summary>
    public bool Exists => Find() is not null;

    /// <summary>Its full path, or null.</summary>
    public string? Find()
    {
        var name = OperatingSystem.IsWindows() ? $"{Name}.exe" : Name;
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.Concat(MoreFolders).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }

    /// <summary>Its full path.</summary>
    /// <param name="purpose">What it is wanted for: "Mounting an image".</param>
    /// <exception cref="TidemarkException">It isn't there; the message names the package.</exception>
    public string Require(string purpose) => Find() ?? throw TidemarkException.Failed(
        $"{purpose} needs {Name}, which isn't installed here. Install the package {Package} and try again.");

    /// <summary>Runs it to its end, whatever that is and however long it takes.</summary>
    /// <exception cref="TidemarkException">It isn't there.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; it was ended.</exception>
    /// <param name="arguments">What it is given.</param>
    /// <param name="wait">How it is waited for.</param>
    /// <param name="output">What its standard output is written in; UTF-8 by default.</param>
    public ProgramResult Run(IReadOnlyList<string> arguments, ProgramWait wait, Encoding? output = null)
    {
        using var running = Start(arguments, output);
        var said = running.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = running.StandardError.ReadToEndAsync(CancellationToken.None);
        running.StandardInput.Close();
        try
        {
            wait.Until(Name, running.WaitForExit);
        }
        catch
        {
            Stop(running);
            throw;
        }

        if (running.ExitCode != 0)
        {
            // A failure after a cancellation is the cancellation's.
            wait.Cancellation.ThrowIfCancellationRequested();
        }

        return new ProgramResult(Name, running.ExitCode, Taken(said), Taken(error));
    }

    /// <summary>
    /// Starts it with its three streams as pipes, out of the reach of a terminal's Ctrl-C, which is for this process alone,
    /// and so that it is asked to end when this process dies, however that happens. The caller disposes it.
    /// </summary>
    /// <exception cref="TidemarkException">It isn't there.</exception>
    public Process Start(IReadOnlyList<string> arguments, Encoding? output = null)
    {
        string[] words = [.. TiedStart.Words(), Require(Name), .. arguments];
        var start = new ProcessStartInfo(words[0], words[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            StandardOutputEncoding = output,
        };
        // What it says is read; times in it are the same everywhere.
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["TZ"] = "UTC";
        try
        {
            return TiedStart.Start(start);
        }
        catch (Win32Exception e)
        {
            throw TidemarkException.Failed($"{Name} can't be started: {e.Message}.", e);
        }
    }

    /// <summary>Ends a process that was started here, and all it started, and waits for that.</summary>
    public static void Stop(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit(TimeSpan.FromSeconds(10));
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended by itself.
        }
    }

    // Whatever it started and left running keeps the pipe open, so its end isn't waited for without a bound.
    private static string Taken(Task<string> text) => text.Wait(TimeSpan.FromSeconds(2)) ? text.Result : "";
}

/// <summary>What a program said and how it ended.</summary>
internal sealed record ProgramResult(string Name, int ExitCode, string Output, string Error)
{
    /// <summary>The first line of its complaint, for messages; what the end code says where there is none.</summary>
    public string Complaint =>
        Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault()
        ?? $"{Name} ended with {ExitCode}";

    /// <exception cref="TidemarkException">It ended with another code than 0.</exception>
    public ProgramResult OrFail(string what) =>
        ExitCode == 0 ? this : throw TidemarkException.Failed($"{what}: {Complaint}.");
}
