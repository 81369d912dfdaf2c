using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tidemark.Cli.Json;
using Tidemark.Engine.Progress;

namespace Tidemark.Cli.Output;

/// <summary>One JSON object a line, and nothing else there.</summary>
/// <param name="output">Standard output as a rule.</param>
internal sealed class JsonReport(Stream output) : Report
{
    // Lines that come in thousands (ranges) go out together; everything else goes out at once.
    private const int MaxHeld = 32 << 10;

    // Names stay readable: the output is no part of a web page.
    private static readonly CliJson Shapes = new(new JsonSerializerOptions(CliJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    private readonly ArrayBufferWriter<byte> held = new();
    private readonly ProgressRate rate = new();

    public override void Progress(in RunProgress progress)
    {
        if (rate.Take(progress, TimeSpan.FromMilliseconds(500)))
        {
            Write(new ProgressEvent(
                progress.Phase, progress.DoneBytes, progress.TotalBytes, progress.ChangedBytes, rate.BytesPerSecond, rate.SecondsLeft));
        }
    }

    public override void Warn(string message) => Write(new WarningEvent(message));

    public override void Tell(CliEvent item, Action<TextWriter> forPeople) => Write(item);

    public override void Fail(ErrorEvent error) => Write(error);

    public override void Flush()
    {
        output.Write(held.WrittenSpan);
        output.Flush();
        held.ResetWrittenCount();
    }

    public override void Dispose() => Flush();

    private void Write(CliEvent item)
    {
        using (var writer = new Utf8JsonWriter(held, new JsonWriterOptions { Encoder = Shapes.Options.Encoder }))
        {
            JsonSerializer.Serialize(writer, item, item.GetType(), Shapes);
        }

        held.Write("\n"u8);
        if (item is not (RangeEvent or FileEvent) || held.WrittenCount >= MaxHeld)
        {
            Flush();
        }
    }
}
