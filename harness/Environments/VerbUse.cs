using Tidemark.Harness.Support;

namespace Tidemark.Harness.Environments;

/// <summary>How a verb is used in a cell, and how its result is judged.</summary>
internal sealed record VerbUse
{
    public required string Verb { get; init; }

    /// <summary>What follows the program's name.</summary>
    public required Func<Desk, string[]> Arguments { get; init; }

    /// <summary>Fails unless the run that ended with <see cref="Code"/> did what it was asked for. What it said may have been lost.</summary>
    public required Action<Desk, ToolResult> Judge { get; init; }

    /// <summary>The exit code of a run that nothing hinders.</summary>
    public int Code { get; init; }

    /// <summary>Programs without which the verb can't be judged.</summary>
    public string[] Tools { get; init; } = [];

    /// <summary>Whether a run takes so long that the short form of the tests has one of them.</summary>
    public bool IsPatient { get; init; }

    /// <summary>Makes what the run needs, in ordinary surroundings, and tells whether it is there.</summary>
    public Func<Desk, bool>? Before { get; init; }

    /// <summary>What is done while it runs; gets a question whether it still does.</summary>
    public Action<Desk, Func<bool>>? Beside { get; init; }

    public override string ToString() => Verb;
}
