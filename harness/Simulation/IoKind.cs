namespace Tidemark.Harness.Simulation;

/// <summary>A call of the engine to the outside; between any two of them the world may end.</summary>
internal enum IoKind
{
    List,
    Open,
    Read,
    Lock,
    CreateFolder,
    Create,
    Write,
    FlushFile,
    Rename,
    Delete,
    FlushFolder,
    SourceRead,
    TargetRead,
    TargetWrite,
    TargetFlush,
}
