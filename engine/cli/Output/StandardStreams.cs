using System.ComponentModel;
using System.Text;

namespace Tidemark.Cli.Output;

/// <summary>
/// Standard output and error as everything here writes to them: opened once at the start, when there are descriptors left,
/// and lasting.
/// </summary>
internal static class StandardStreams
{
    private static readonly Encoding Encoding = WithRawNames();

    /// <summary>Standard error, unbuffered. There is nowhere to say that it can't be written to.</summary>
    public static Stream ErrorBytes { get; } = new LastingStream(Open(Console.OpenStandardError), _ => { });

    /// <summary>Text to standard error, line by line and from any thread.</summary>
    public static TextWriter Error { get; } = TextWriter.Synchronized(new StreamWriter(ErrorBytes, Encoding) { AutoFlush = true });

    /// <summary>Standard output, unbuffered.</summary>
    public static Stream Output { get; } = new LastingStream(
        Open(Console.OpenStandardOutput), reason => Error.WriteLine(
            $"tidemark: warning: Standard output can't be written to ({reason.TrimEnd('.')}). The run goes on; what it says there is lost."));

    /// <summary>Opens them.</summary>
    public static void Begin() => _ = Output;

    /// <summary>Text to one of them. The caller disposes it, which flushes and closes nothing else.</summary>
    public static StreamWriter Text(Stream stream) => new(stream, Encoding, bufferSize: -1, leaveOpen: true);

    // The only way to another fallback; a clone has no mark at its begin either.
    private static Encoding WithRawNames()
    {
        var encoding = (Encoding)new UTF8Encoding(false).Clone();
        encoding.EncoderFallback = new RawNameFallback();
        return encoding;
    }

    private static Stream Open(Func<Stream> open)
    {
        try
        {
            return open();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Win32Exception)
        {
            // Not even a copy of its descriptor can be had.
            return Stream.Null;
        }
    }
}
