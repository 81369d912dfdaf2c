using System.Buffers;
using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text.Json;

namespace Tidemark.Engine.Booting;

/// <summary>
/// A client of the QEMU Machine Protocol: one JSON object a line, each command answered by "return" or "error", events
/// in between (QEMU documentation, "QEMU Machine Protocol Specification"). One thread asks; events gather meanwhile.
/// </summary>
internal sealed class QmpConnection : IDisposable
{
    /// <summary>A machine answers in milliseconds; under emulation on a busy host a screen may take seconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>A guest can cause events without end; older ones beyond these say nothing new.</summary>
    private const int MaxEvents = 4096;

    private readonly Socket socket;
    private readonly StreamReader lines;
    private readonly BlockingCollection<JsonElement?> answers = [];
    private readonly ConcurrentQueue<JsonElement> events = new();
    private readonly ArrayBufferWriter<byte> command = new();
    private readonly Thread reader;

    private QmpConnection(Socket socket)
    {
        this.socket = socket;
        lines = new StreamReader(new NetworkStream(socket));
        reader = new Thread(Read) { IsBackground = true, Name = "QMP" };
        reader.Start();
    }

    /// <summary>Connects to the machine's socket and agrees on the protocol.</summary>
    /// <param name="path">The path of the machine's Unix socket.</param>
    /// <param name="isRunning">Whether the machine's process still lives.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Null if the machine ended before it answered.</returns>
    public static QmpConnection? TryConnect(string path, Func<bool> isRunning, CancellationToken cancellation)
    {
        while (isRunning())
        {
            cancellation.ThrowIfCancellationRequested();
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                socket.Connect(new UnixDomainSocketEndPoint(path));
            }
            catch (SocketException)
            {
                // It doesn't listen yet.
                socket.Dispose();
                Thread.Sleep(20);
                continue;
            }

            var connection = new QmpConnection(socket);
            if (connection.Execute("qmp_capabilities") is not null)
            {
                return connection;
            }

            connection.Dispose();
            return null;
        }

        return null;
    }

    /// <summary>The next event that came; null where none waits.</summary>
    public JsonElement? TakeEvent() => events.TryDequeue(out var item) ? item : null;

    /// <summary>Runs a command.</summary>
    /// <param name="name">The command's name.</param>
    /// <param name="arguments">Writes the properties of its arguments; none where it is null.</param>
    /// <returns>What it returned; null where it failed or the machine has ended.</returns>
    public JsonElement? Execute(string name, Action<Utf8JsonWriter>? arguments = null)
    {
        command.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(command))
        {
            writer.WriteStartObject();
            writer.WriteString("execute", name);
            if (arguments is not null)
            {
                writer.WriteStartObject("arguments");
                arguments(writer);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        command.Write("\n"u8);
        try
        {
            socket.Send(command.WrittenSpan);
        }
        catch (SocketException)
        {
            return null;
        }

        return answers.TryTake(out var answer, Patience) && answer is { } given && given.TryGetProperty("return", out var result)
            ? result
            : null;
    }

    public void Dispose()
    {
        socket.Dispose();
        reader.Join();
        answers.Dispose();
        lines.Dispose();
    }

    private void Read()
    {
        try
        {
            while (lines.ReadLine() is { } line)
            {
                var item = JsonElement.Parse(line);
                if (item.ValueKind != JsonValueKind.Object)
                {
                    break;
                }

                if (item.TryGetProperty("event", out _))
                {
                    if (events.Count < MaxEvents)
                    {
                        events.Enqueue(item);
                    }
                }
                else if (!item.TryGetProperty("QMP", out _))
                {
                    answers.Add(item);
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or JsonException)
        {
            // The machine has ended, or this connection has, or it isn't one.
        }

        // Whoever waits for an answer gets none.
        answers.Add(null);
    }
}
