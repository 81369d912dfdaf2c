using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using Tidemark.Engine.Tracing;

namespace Tidemark.Harness.Tracing;

/// <summary>One event as a listener in the process gets it.</summary>
internal sealed record HeardEvent(string Name, EventLevel Level, EventKeywords Keywords, long Thread, IReadOnlyDictionary<string, object?> Payload)
{
    public long Number(string field) => (long)Payload[field]!;

    public string Text(string field) => (string)Payload[field]!;
}

/// <summary>Hears the engine's events while it lives.</summary>
internal sealed class EngineListener : EventListener
{
    private readonly ConcurrentQueue<HeardEvent> events = new();

    public EngineListener(EventLevel level = EventLevel.Verbose, EventKeywords keywords = EventKeywords.All) =>
        EnableEvents(EngineEventSource.Log, level, keywords);

    public IReadOnlyList<HeardEvent> Events => [.. events];

    public IReadOnlyList<HeardEvent> Named(string name) => [.. events.Where(e => e.Name == name)];

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        var payload = new Dictionary<string, object?>();
        for (var i = 0; i < eventData.PayloadNames!.Count; i++)
        {
            payload.Add(eventData.PayloadNames[i], eventData.Payload![i]);
        }

        events.Enqueue(new HeardEvent(eventData.EventName!, eventData.Level, eventData.Keywords, eventData.OSThreadId, payload));
    }
}
