using Tidemark.Harness.Support;

namespace Tidemark.Harness.Environments;

/// <summary>Something about a machine that isn't as programs like it, in one form or several.</summary>
internal abstract class Surroundings
{
    /// <summary>What it is called, here and in the table of <c>RELIABILITY.md</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The forms that it takes here.</summary>
    public abstract IReadOnlyList<string> Forms { get; }

    /// <summary>Verbs that may be refused here; all others do their work. Null is every verb.</summary>
    public virtual IReadOnlyList<string>? MayRefuse => [];

    /// <summary>Words of which a refusal has one, so that it names what was lacking. Letter case doesn't matter.</summary>
    public virtual IReadOnlyList<string> Reasons => [];

    /// <summary>Verbs that mean nothing here, each with the reason.</summary>
    public virtual string? Meaningless(VerbUse use, string form) => null;

    /// <summary>Skips the test where this can't be had.</summary>
    public virtual void Require(string form) => OnlyOn.Linux();

    /// <summary>Makes the desk and what is odd about it.</summary>
    /// <returns>What is taken down at the end, or null.</returns>
    public virtual IDisposable? Prepare(Desk desk, string form)
    {
        desk.Lay();
        return null;
    }

    /// <summary>The command as it runs here.</summary>
    public virtual string[] Command(Desk desk, string form, string[] command) => [.. desk.Identity, .. command];

    /// <summary>Variables of the command; null removes one.</summary>
    public virtual IReadOnlyDictionary<string, string?> Variables(Desk desk, string form) => new Dictionary<string, string?>();

    public override string ToString() => Name;
}
