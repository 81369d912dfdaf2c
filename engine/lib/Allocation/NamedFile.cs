namespace Tidemark.Engine.Allocation;

/// <summary>A file that a walk came by.</summary>
/// <param name="Id">The same for each of its names, another for every other file.</param>
/// <param name="Names">How many names it has. Leaving its content out takes it away from all of them.</param>
internal readonly record struct NamedFile(long Id, int Names);
