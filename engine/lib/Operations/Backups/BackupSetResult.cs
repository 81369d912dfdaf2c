using Tidemark.Engine.Locations;

namespace Tidemark.Engine.Operations.Backups;

/// <summary>What a backup of several sources did.</summary>
public sealed record BackupSetResult
{
    /// <summary>In the order of the sources.</summary>
    public required IReadOnlyList<BackupResult> Images { get; init; }

    /// <summary>Sources that weren't imaged; their chains are as they were.</summary>
    public required IReadOnlyList<FailedSource> Failed { get; init; }

    /// <summary>What is worth knowing about the run as a whole, for people.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    public required double Seconds { get; init; }

    /// <summary>Processor time of the process, user and system.</summary>
    public required double CpuSeconds { get; init; }
}

/// <summary>A source that wasn't imaged, and why.</summary>
/// <param name="Reason">What happened, to what.</param>
/// <param name="Advice">What can be done about it, as far as a request says such a thing.</param>
public sealed record FailedSource(string Source, TidemarkError Error, string Reason, Advice Advice = Advice.None)
{
    /// <summary>Both, in the engine's words.</summary>
    public string Message => AdviceWords.With(Reason, Advice);
}
