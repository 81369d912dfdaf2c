namespace Tidemark.Engine;

/// <summary>What kind of operating error happened; each has one exit code of the command line.</summary>
public enum TidemarkError
{
    /// <summary>The operation failed (exit code 1).</summary>
    Failed = 1,

    /// <summary>The request makes no sense or contradicts what is there (exit code 2).</summary>
    WrongUse = 2,

    /// <summary>Something stored is missing, altered or malformed (exit code 4).</summary>
    Damaged = 4,

    /// <summary>Another run holds the chain (exit code 5).</summary>
    Busy = 5,

    /// <summary>The chain is encrypted and the key is wrong or missing (exit code 6).</summary>
    Key = 6,
}

/// <summary>
/// The one exception family of the engine. The message says what happened, to what, and what to do next.
/// </summary>
public class TidemarkException : Exception
{
    public TidemarkException(TidemarkError error, string message, Exception? inner = null, Advice advice = Advice.None)
        : base(AdviceWords.With(message, advice), inner) => (Error, Reason, Advice) = (error, message, advice);

    /// <summary>The kind of error, which the command line turns into its exit code.</summary>
    public TidemarkError Error { get; }

    /// <summary>The message without <see cref="Advice"/>: a program that has its own words for that puts them behind it.</summary>
    public string Reason { get; }

    /// <summary>What can be done about it, as far as a request says such a thing.</summary>
    public Advice Advice { get; }

    /// <summary>Whether what the run was to store is there all the same: it failed after its commit.</summary>
    public bool IsCommitted { get; private init; }

    /// <summary>Whether a store says that the same request may work a moment later.</summary>
    internal bool MayPass { get; init; }

    internal static TidemarkException AfterCommit(string what, TidemarkException cause) =>
        new(cause.Error, $"{what}: {cause.Reason}", cause, cause.Advice) { IsCommitted = true };

    internal static TidemarkException Damaged(string message, Exception? inner = null, Advice advice = Advice.None) =>
        new(TidemarkError.Damaged, message, inner, advice);

    internal static TidemarkException Failed(string message, Exception? inner = null, Advice advice = Advice.None) =>
        new(TidemarkError.Failed, message, inner, advice);

    internal static TidemarkException WrongUse(string message, Advice advice = Advice.None) =>
        new(TidemarkError.WrongUse, message, advice: advice);

    internal static TidemarkException KeyProblem(string message) => new(TidemarkError.Key, message);
}
