using Tidemark.Engine.Operations.Mounts;

namespace Tidemark.Engine.Operations.Extraction;

/// <summary>What a listing found.</summary>
public sealed record ListFilesResult
{
    /// <summary>The chain's folder.</summary>
    public required string Chain { get; init; }

    public required long Sequence { get; init; }

    /// <summary>The path in the image.</summary>
    public required string Path { get; init; }

    /// <summary>The image's volumes.</summary>
    public required IReadOnlyList<ImageVolume> Volumes { get; init; }

    /// <summary>What read the files; null where a disk's volumes were listed.</summary>
    public required string? Reader { get; init; }

    /// <summary>Files, folders and links listed.</summary>
    public required long Entries { get; init; }

    /// <summary>Folders that couldn't be listed, and entries that couldn't be looked at, with the reason.</summary>
    public required IReadOnlyList<FileProblem> Problems { get; init; }
}

/// <summary>A file that didn't come, or not whole.</summary>
/// <param name="Path">Its path in the image.</param>
/// <param name="Message">What happened.</param>
/// <param name="IsDamage">Whether what is stored is damaged.</param>
public sealed record FileProblem(string Path, string Message, bool IsDamage);
