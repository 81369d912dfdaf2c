namespace Tidemark.Bench.TraceReport;

/// <summary>One event, whatever it was read with.</summary>
internal interface IEventPayload
{
    int Id { get; }

    int Process { get; }

    long Thread { get; }

    /// <summary>Nanoseconds since the trace began.</summary>
    double Time { get; }

    /// <summary>A number by its name; 0 where the event, being older, doesn't have it.</summary>
    long Number(string name);

    string Text(string name);
}
