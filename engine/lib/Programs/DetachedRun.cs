using System.Diagnostics;

namespace Tidemark.Engine.Programs;

/// <summary>
/// A run of this program that goes on in the background once it has said what it has to say. Two sides: who starts it
/// passes its words on until it closes its streams, and the run itself detaches. Linux only.
/// </summary>
public static class DetachedRun
{
    /// <summary>
    /// What a run says last. The end of its streams would not do: copies of them stay open in it. No text has this byte.
    /// </summary>
    private const byte End = 0;

    /// <summary>Starts this program again and passes on what it says, until it detaches or ends.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="input">What its standard input gets; null for nothing.</param>
    /// <param name="output">Where its standard output goes.</param>
    /// <param name="error">Where its standard error goes.</param>
    /// <param name="cancellation">Asks it to end in order, and waits for that.</param>
    /// <returns>0 where it detached, else its exit code.</returns>
    public static int Start(IReadOnlyList<string> arguments, Stream? input, Stream output, Stream error, CancellationToken cancellation)
    {
        var program = Environment.ProcessPath ?? throw TidemarkException.Failed("This program doesn't know its own path.");
        // Under the runtime's host, the program is its first argument.
        var assembly = Environment.GetCommandLineArgs()[0];
        string[] leading = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [assembly] : [];
        using var process = Process.Start(new ProcessStartInfo(program, [.. leading, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        Feed(process.StandardInput.BaseStream, input);
        using var asked = cancellation.Register(() => DetachedCalls.AskToEnd(process.Id));
        var complaints = OwnThread.Run("standard error", () => PassOn(process.StandardError.BaseStream, error));
        var detached = PassOn(process.StandardOutput.BaseStream, output);
        complaints.Wait(CancellationToken.None);
        if (detached)
        {
            return 0;
        }

        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>The other side, first: leaves the terminal of who started it.</summary>
    public static void LeaveTerminal() => DetachedCalls.LeaveTerminal();

    /// <summary>The other side, when all is said: lets who started it go.</summary>
    public static void Detach()
    {
        Console.OpenStandardOutput().WriteByte(End);
        Console.OpenStandardError().WriteByte(End);
        DetachedCalls.CloseStreams();
    }

    // On a thread that nobody waits for: a terminal's input may never end, and the run reads as much as it wants.
    private static void Feed(Stream to, Stream? from)
    {
        if (from is null)
        {
            to.Dispose();
            return;
        }

        new Thread(() =>
        {
            try
            {
                using (to)
                {
                    from.CopyTo(to);
                }
            }
            catch (IOException)
            {
                // The run has what it wanted.
            }
        })
        { IsBackground = true, Name = "standard input" }.Start();
    }

    // True where the end was said, false where the stream just ended.
    private static bool PassOn(Stream from, Stream to)
    {
        var buffer = new byte[4096];
        while (from.Read(buffer) is > 0 and var count)
        {
            var words = buffer.AsSpan(0, count);
            var end = words.IndexOf(End);
            to.Write(end < 0 ? words : words[..end]);
            to.Flush();
            if (end >= 0)
            {
                return true;
            }
        }

        return false;
    }
}
