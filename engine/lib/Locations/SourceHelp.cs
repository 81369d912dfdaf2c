using Tidemark.Engine.Programs;

namespace Tidemark.Engine.Locations;

/// <summary>What opening a source may need besides itself.</summary>
/// <param name="Given">Other files that were given, which a disk in a file may name.</param>
/// <param name="Wait">For another program; without one nobody hears of it.</param>
internal sealed record SourceHelp(IReadOnlyList<ImportFile> Given, ProgramWait Wait)
{
    public static SourceHelp None { get; } = new([], new ProgramWait(_ => { }, CancellationToken.None));

    public static SourceHelp Of(ProgramWait wait) => new([], wait);
}
