using System.CommandLine;
using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;
using Tidemark.Cli.Output;
using Tidemark.Engine;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Tracing;

namespace Tidemark.Cli.Tracing;

/// <summary>
/// <c>--trace FILE</c>: the program listens to its own events through the runtime's diagnostics port, as dotnet-trace
/// does from outside, and a thread copies the stream to the file. It works in the same way on each system, native or not.
/// </summary>
internal sealed class TraceRecording : IDisposable
{
    /// <summary>
    /// The runtime keeps events until the copying thread has them. The busiest runs make a few MiB of events a second, so
    /// this rides out seconds in which a full disk holds up the file; events beyond it are dropped and counted.
    /// </summary>
    private const int BufferMebibytes = 16;

    private readonly string path;
    private readonly FileStream file;
    private readonly EventPipeSession session;
    private readonly Thread copier;
    private Exception? failure;

    private TraceRecording(string path, FileStream file, EventPipeSession session)
    {
        this.path = path;
        this.file = file;
        this.session = session;
        copier = new Thread(Copy) { IsBackground = true, Name = "trace" };
        copier.Start();
    }

    public static Option<string?> Option { get; } = new("--trace")
    {
        Description = "Record where the time goes into a new .nettrace file",
        HelpName = "FILE",
    };

    /// <summary>Runs an operation, recorded if that was asked for; the file is whole however the operation ends.</summary>
    /// <exception cref="TidemarkException">The recording can't begin; nothing was run.</exception>
    public static T Around<T>(ParseResult parsed, Report report, Func<T> operation)
    {
        if (parsed.GetValue(Option) is not { } path)
        {
            return operation();
        }

        using var recording = Start(path);
        try
        {
            return operation();
        }
        finally
        {
            if (recording.Stop() is { } problem)
            {
                // What was asked for besides the trace is done or has failed by itself, so this is a remark.
                report.Warn($"The trace {path} isn't complete: {problem.TrimEnd('.')}. The rest isn't recorded; the run itself isn't affected.");
            }
        }
    }

    public void Dispose()
    {
        session.Dispose();
        Close(file);
    }

    // What couldn't be written is told of by then.
    private static void Close(FileStream file)
    {
        try
        {
            file.Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A network's file system may say only now that its disk is full.
        }
    }

    private static TraceRecording Start(string path)
    {
        path = OutputPath.Require(path);

        // An older trace is never worth what a mistyped path might overwrite: the source, or an image.
        if (File.Exists(path) || Directory.Exists(path))
        {
            throw new TidemarkException(TidemarkError.WrongUse, $"{path} is there already. Give --trace the name of a new file.");
        }

        // The stream brings large pieces, and a buffer of the file's own would be written when it is closed.
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        try
        {
            // Neither stacks nor the names of methods: the events say themselves where they come from.
            var provider = new EventPipeProvider(EngineTracing.ProviderName, EventLevel.Verbose, (long)EventKeywords.All);
            var options = new EventPipeSessionConfiguration([provider], BufferMebibytes, requestRundown: false, requestStackwalk: false);
            return new TraceRecording(path, file, new DiagnosticsClient(Environment.ProcessId).StartEventPipeSession(options));
        }
        catch (Exception e) when (e is DiagnosticsClientException or IOException or TimeoutException)
        {
            Close(file);
            File.Delete(path);
            throw new TidemarkException(
                TidemarkError.Failed,
                $"The trace can't be recorded: the runtime's diagnostics port doesn't answer ({e.Message.TrimEnd('.')}). Unset "
                + "DOTNET_EnableDiagnostics and the variables whose names begin so, and let TMPDIR name a folder that can be written to, with a path of 60 bytes at most.");
        }
    }

    /// <summary>Ends the recording; null, or why the file isn't complete.</summary>
    private string? Stop()
    {
        try
        {
            session.Stop();
        }
        catch (Exception e) when (e is DiagnosticsClientException or IOException or TimeoutException)
        {
            // The stream stays open then, and waiting for its end would be waiting for ever.
            session.Dispose();
            failure ??= e;
        }

        copier.Join();
        return failure?.Message;
    }

    private void Copy()
    {
        var buffer = new byte[1 << 16];
        try
        {
            while (session.EventStream.Read(buffer) is > 0 and var count)
            {
                Write(buffer.AsSpan(0, count));
            }

            file.Flush();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            failure ??= e;
        }
    }

    // After a failure the stream is read on: the runtime would wait for its reader at the end.
    private void Write(ReadOnlySpan<byte> data)
    {
        try
        {
            if (failure is null)
            {
                file.Write(data);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            failure = e;
        }
    }
}
