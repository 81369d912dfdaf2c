namespace Tidemark.Engine.Operations.Extraction;

/// <summary>What was brought back.</summary>
public sealed record ExtractResult
{
    /// <summary>The chain's folder.</summary>
    public required string Chain { get; init; }

    public required long Sequence { get; init; }

    /// <summary>The full path of the folder.</summary>
    public required string Folder { get; init; }

    /// <summary>What read the files.</summary>
    public required string Reader { get; init; }

    public required long Files { get; init; }

    public required long Folders { get; init; }

    public required long Links { get; init; }

    /// <summary>Bytes of content.</summary>
    public required long Bytes { get; init; }

    /// <summary>Devices, sockets and pipes, which stay out.</summary>
    public required long Specials { get; init; }

    /// <summary>What didn't come, or not whole.</summary>
    public required IReadOnlyList<FileProblem> Problems { get; init; }

    public required double Seconds { get; init; }
}
