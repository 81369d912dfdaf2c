namespace Tidemark.Fuzz.Running;

/// <summary>A parser under test. It may throw the engine's own exceptions and nothing else.</summary>
internal delegate void FuzzAction(ReadOnlySpan<byte> input);

/// <summary>A target by its name, with what it may take.</summary>
/// <param name="Dictionary">The words that mean something to it, a file of <c>dictionaries/</c>.</param>
/// <param name="MaxInput">Bytes of an input at most; longer ones are cut.</param>
/// <param name="MaxAllocated">Bytes one input may take from the heap on its thread.</param>
internal sealed record FuzzTarget(
    string Name, string Dictionary, FuzzAction Run, int MaxInput = FuzzTarget.SmallInput, long MaxAllocated = FuzzTarget.LittleMemory)
{
    /// <summary>More than any single structure has.</summary>
    public const int SmallInput = 80 << 10;

    /// <summary>A parser of one structure makes a copy or two, some text, and what .NET makes on first use.</summary>
    public const long LittleMemory = 4 << 20;
}
