using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Tidemark.Harness.Support;

/// <summary>A <c>tidemark serve</c> that runs beside a test until it is disposed.</summary>
internal sealed class ServeProcess : IDisposable
{
    private readonly Process process;
    private readonly Task<string> error;

    private ServeProcess(Process process, JsonElement ready)
    {
        this.process = process;
        Ready = ready;
        error = process.StandardError.ReadToEndAsync();
    }

    /// <summary>The event "serving".</summary>
    public JsonElement Ready { get; }

    public string Uri => Ready.GetProperty("uri").GetString()!;

    /// <summary>Starts a server and waits until clients may come.</summary>
    /// <param name="arguments">What follows <c>serve</c>; <c>--json</c> is added.</param>
    public static ServeProcess Start(params string[] arguments)
    {
        var (program, leading) = TidemarkCli.Command;
        var process = Process.Start(new ProcessStartInfo(program, [.. leading, "serve", .. arguments, "--json"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        var line = process.StandardOutput.ReadLineAsync();
        if (!line.Wait(Patience.Limit) || line.Result is null || !line.Result.Contains("\"serving\"", StringComparison.Ordinal))
        {
            process.Kill();
            Assert.Fail($"serve {string.Join(' ', arguments)} didn't begin: {(line.IsCompleted ? line.Result : "no line")}");
        }

        return new ServeProcess(process, JsonElement.Parse(line.Result));
    }

    /// <summary>Starts a server at a socket in a folder.</summary>
    public static ServeProcess StartUnix(TempFolder folder, string image, params string[] more) =>
        Start([image, "--unix", folder.At($"s{Guid.NewGuid():N}"[..9]), .. more]);

    /// <summary>Ends it as a user does, and returns its last events, the result at the end.</summary>
    public IReadOnlyList<JsonElement> Terminate()
    {
        Tool.Run("kill", "-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return WaitForEnd();
    }

    /// <summary>Waits for an end by itself.</summary>
    public IReadOnlyList<JsonElement> WaitForEnd()
    {
        var rest = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Patience.Limit) || !rest.Wait(Patience.Limit))
        {
            process.Kill();
            Assert.Fail("serve didn't end");
        }

        Assert.Equal(0, process.ExitCode);
        Assert.Equal("", error.Result);
        return [.. rest.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
            process.WaitForExit();
        }

        process.Dispose();
    }
}
