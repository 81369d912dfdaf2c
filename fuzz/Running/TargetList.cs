using Tidemark.Fuzz.Targets;

namespace Tidemark.Fuzz.Running;

/// <summary>All targets; a parser that isn't here isn't fuzzed.</summary>
internal static class TargetList
{
    /// <summary>A folder of a few images with a few blocks each.</summary>
    private const int FolderInput = 256 << 10;

    /// <summary>Restoring takes a buffer for the largest frame and a few decoded ones for each point.</summary>
    private const long RestoreMemory = 64 << 20;

    /// <summary>Tables of a disk, and a log that is replayed.</summary>
    private const long DiskMemory = 16 << 20;

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("image-header", ImageHeaderTarget.Run),
        new("part-header", PartHeaderTarget.Run),
        new("footer", FooterTarget.Run),
        new("leaf", LeafTarget.Run),
        new("directory", DirectoryTarget.Run),
        new("frame", FrameTarget.Run),
        new("metadata", MetadataTarget.Run),
        new("key-table", KeyTableTarget.Run),
        new("key-file", KeyFileTarget.Run),
        new("identity", IdentityTarget.Run),
        new("names", NamesTarget.Run),
        new("address", AddressTarget.Run),
        new("chain", ChainTarget.Run, FolderInput, RestoreMemory),
        new("gpt", GptTarget.Run),
        new("mbr", MbrTarget.Run),
        new("ext", ExtTarget.Run),
        new("xfs", XfsTarget.Run),
        new("btrfs", BtrfsTarget.Run),
        new("ntfs", NtfsTarget.Run),
        new("fat", FatTarget.Run),
        new("exfat", ExfatTarget.Run),
        new("swap", SwapTarget.Run),
        new("luks", LuksTarget.Run),
        new("lvm", LvmTarget.Run),
        new("source", SourceTarget.Run),
        new("vhd", VhdTarget.Run, MaxAllocated: DiskMemory),
        new("vhdx", VhdxTarget.Run, MaxAllocated: DiskMemory),
        new("qcow2", Qcow2Target.Run),
    ];
}
