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

    /// <summary>Whether an ordinary user runs the verbs.</summary>
    public virtual bool IsOrdinaryUser(string form) => false;

    /// <summary>Why a verb can't be tried here, or null.</summary>
    public string? Missing(VerbUse use, string form)
    {
        if (use.Tools.FirstOrDefault(tool => !Tool.Has(tool)) is { } tool)
        {
            return $"needs {tool}";
        }

        const string Fuse = "/dev/fuse";
        const UnixFileMode Anybody = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        return !use.Tools.Contains("nbdfuse") ? null
            : !File.Exists(Fuse) ? "needs FUSE"
            : IsOrdinaryUser(form) && (File.GetUnixFileMode(Fuse) & Anybody) != Anybody ? "needs a FUSE that is everybody's"
            : null;
    }

    /// <summary>Skips the test where this can't be had.</summary>
    public virtual void Require(string form)
    {
        OnlyOn.Linux();
        if (IsOrdinaryUser(form))
        {
            Root.Require();
            Tool.Require("setpriv");
        }
    }

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

    /// <summary>Its line of the table in <c>RELIABILITY.md</c>.</summary>
    public string Line
    {
        get
        {
            var (does, may) = MayRefuse switch
            {
                null => ("", "every verb"),
                [] => ("every verb", ""),
                _ => ("every other verb", string.Join(", ", MayRefuse.Select(verb => $"`{verb}`"))),
            };
            return $"| {Name} | {does} | {may} |";
        }
    }

    public override string ToString() => Name;
}
