using Microsoft.Diagnostics.Tracing;
using Microsoft.Diagnostics.Tracing.EventPipe;

namespace Tidemark.Bench.TraceReport;

/// <summary>The runs in a recorded trace: .nettrace (EventPipe) on every system, .etl (ETW) on Windows.</summary>
internal sealed class Trace
{
    private readonly List<Run> runs = [];
    private readonly Dictionary<int, Run> current = [];
    private readonly EventView view = new();

    private Trace()
    {
    }

    public IReadOnlyList<Run> Runs => runs;

    /// <summary>Events that the recorder had to drop; sums are too small then.</summary>
    public long EventsLost { get; private set; }

    /// <summary>Why the file was read only in part; null if it is whole.</summary>
    public string? CutOff { get; private set; }

    /// <exception cref="InvalidDataException">The file holds no events of the engine, or can't be read here.</exception>
    public static Trace Read(string path)
    {
        var trace = new Trace();
        using var source = Open(path);
        source.Dynamic.AddCallbackForProviderEvent(EngineEvents.Provider, null, trace.Take);
        try
        {
            source.Process();
        }
        catch (Exception e) when (e is FormatException or EndOfStreamException or IOException or InvalidOperationException)
        {
            // A program that was killed left the file so; what was written before is as good as ever.
            trace.CutOff = e.Message;
        }

        trace.EventsLost = source.EventsLost;
        foreach (var run in trace.runs)
        {
            run.Close();
        }

        return trace.runs.Count > 0 ? trace : throw new InvalidDataException(
            $"{path} holds no events of {EngineEvents.Provider}. Record with 'tidemark … --trace FILE', or name the provider to the tool that records.");
    }

    private static TraceEventDispatcher Open(string path)
    {
        if (!path.EndsWith(".etl", StringComparison.OrdinalIgnoreCase))
        {
            try
            {
                return new EventPipeEventSource(path);
            }
            catch (FormatException e)
            {
                throw new InvalidDataException($"{path} is no .nettrace file: {e.Message}", e);
            }
        }

        return OperatingSystem.IsWindows()
            ? new ETWTraceEventSource(path)
            : throw new InvalidDataException($"{path} is an ETW trace, which Windows alone can decode: run the report there, or record a .nettrace.");
    }

    private void Take(TraceEvent data)
    {
        view.Event = data;
        if (view.Id is < EngineEvents.RunStart or > EngineEvents.FramesProven)
        {
            // The provider's own description of its events.
            return;
        }

        if (!current.TryGetValue(view.Process, out var run) || view.Id == EngineEvents.RunStart)
        {
            runs.Add(run = new Run(view.Process, view.Time));
            current[view.Process] = run;
        }

        run.Take(view);
        if (view.Id == EngineEvents.RunStop)
        {
            current.Remove(view.Process);
        }
    }

    private sealed class EventView : IEventPayload
    {
        public TraceEvent Event { get; set; } = null!;

        public int Id => (int)Event.ID;

        public int Process => Event.ProcessID;

        public long Thread => Event.ThreadID;

        public double Time => Event.TimeStampRelativeMSec * 1e6;

        public long Number(string name) => Event.PayloadByName(name) is long value ? value : 0;

        public string Text(string name) => Event.PayloadByName(name) as string ?? "";
    }
}
