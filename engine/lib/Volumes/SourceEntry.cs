using Tidemark.Engine.Format;

namespace Tidemark.Engine.Volumes;

/// <summary>Something on this machine that can be imaged, as <c>tidemark sources</c> lists it.</summary>
public sealed record SourceEntry
{
    /// <summary>The device's file, or on Windows its letter or device name: what <c>tidemark backup</c> takes.</summary>
    public required string Path { get; init; }

    /// <summary>The path of the disk that a partition belongs to; null for everything else.</summary>
    public string? ParentPath { get; init; }

    /// <summary>
    /// disk, part, loop, rom, lvm, crypt, mpath, dm or raid; on Windows disk, part, rom, or volume for one that lies on
    /// several disks or on none that is known.
    /// </summary>
    public required string Type { get; init; }

    /// <summary>Size in bytes.</summary>
    public required long Size { get; init; }

    public bool IsReadOnly { get; init; }

    public bool IsRemovable { get; init; }

    /// <summary>What it is in a few words; null where it couldn't be read.</summary>
    public string? Summary { get; init; }

    /// <summary>ext4, ntfs, swap, …; null for a partitioned disk and for what isn't recognised.</summary>
    public string? FileSystem { get; init; }

    public string? Label { get; init; }

    public string? Model { get; init; }

    /// <summary>What a chain would know it by; empty where nothing names it or it couldn't be read.</summary>
    public required SourceIdentity Identity { get; init; }

    /// <summary>Where it is mounted itself; partitions are entries of their own.</summary>
    public IReadOnlyList<string> MountPoints { get; init; } = [];

    /// <summary>Whether it is in use as swap space.</summary>
    public bool IsSwap { get; init; }

    /// <summary>The file behind a loop device.</summary>
    public string? BackingFile { get; init; }

    /// <summary>Why it couldn't be read; null if it could.</summary>
    public string? Problem { get; init; }
}
