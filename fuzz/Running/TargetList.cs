using Tidemark.Fuzz.Targets;

namespace Tidemark.Fuzz.Running;

/// <summary>All targets; a parser that isn't here isn't fuzzed.</summary>
internal static class TargetList
{
    /// <summary>A folder of a few images with a few blocks each.</summary>
    private const int FolderInput = 256 << 10;

    /// <summary>Restoring takes a buffer for the largest frame and a few decoded ones for each point.</summary>
    private const long RestoreMemory = 64 << 20;

    /// <summary>Small: a flipped bit is looked for in every frame that is damaged.</summary>
    private const int RepairInput = 48 << 10;

    /// <summary>Three verifications with a restore of each point, and windows over the payload of each image twice.</summary>
    private const long RepairMemory = 512 << 20;

    /// <summary>Tables of a disk, a log that is replayed, and the largest bitmaps of as many blocks as are looked at.</summary>
    private const long DiskMemory = 32 << 20;

    /// <summary>A block of each level of a tree, and a few records of a log.</summary>
    private const long MapMemory = 16 << 20;

    /// <summary>A bit for each cluster of the largest FAT, and folders that wait.</summary>
    private const long FatMemory = 48 << 20;

    /// <summary>Buffers of a connection, and of one large request.</summary>
    private const long ConnectionMemory = 8 << 20;

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("image-header", "image", ImageHeaderTarget.Run),
        new("part-header", "image", PartHeaderTarget.Run),
        new("footer", "image", FooterTarget.Run),
        new("leaf", "image", LeafTarget.Run),
        new("directory", "image", DirectoryTarget.Run),
        new("frame", "image", FrameTarget.Run),
        new("metadata", "image", MetadataTarget.Run),
        new("key-table", "image", KeyTableTarget.Run),
        new("key-file", "image", KeyFileTarget.Run),
        new("identity", "image", IdentityTarget.Run),
        new("names", "image", NamesTarget.Run),
        new("address", "text", AddressTarget.Run),
        new("chain", "image", ChainTarget.Run, FolderInput, RestoreMemory),
        new("repair-file", "image", RepairFileTarget.Run),
        new("header-copy", "image", HeaderCopyTarget.Run),
        new("repair", "image", RepairTarget.Run, RepairInput, RepairMemory),
        new("owner", "text", OwnerTarget.Run),
        new("marker", "image", MarkerTarget.Run),
        new("overlay", "image", OverlayTarget.Run),
        new("mounts", "text", MountsTarget.Run),
        new("listing", "text", ListingTarget.Run),
        new("console", "text", ConsoleTarget.Run),
        new("screen", "text", ScreenTarget.Run),
        new("gpt", "volume", GptTarget.Run),
        new("fit", "volume", FitTarget.Run, MaxAllocated: DiskMemory),
        new("mbr", "volume", MbrTarget.Run),
        new("ext", "volume", ExtTarget.Run),
        new("xfs", "volume", XfsTarget.Run),
        new("ext-map", "volume", ExtMapTarget.Run, MaxAllocated: MapMemory),
        new("lvm-map", "volume", LvmMapTarget.Run, MaxAllocated: MapMemory),
        new("xfs-map", "volume", XfsMapTarget.Run, MaxAllocated: MapMemory),
        new("btrfs", "volume", BtrfsTarget.Run),
        new("btrfs-map", "volume", BtrfsMapTarget.Run, MaxAllocated: MapMemory),
        new("ntfs", "volume", NtfsTarget.Run),
        new("ntfs-map", "volume", NtfsMapTarget.Run, MaxAllocated: MapMemory),
        new("fat", "volume", FatTarget.Run),
        new("fat-map", "volume", FatMapTarget.Run, MaxAllocated: FatMemory),
        new("exfat", "volume", ExfatTarget.Run),
        new("exfat-map", "volume", ExfatMapTarget.Run, MaxAllocated: MapMemory),
        new("swap", "volume", SwapTarget.Run),
        new("luks", "volume", LuksTarget.Run),
        new("lvm", "volume", LvmTarget.Run),
        new("source", "volume", SourceTarget.Run),
        new("nbd-server", "nbd", NbdServerTarget.Run, MaxAllocated: ConnectionMemory),
        new("nbd-client", "nbd", NbdClientTarget.Run, MaxAllocated: ConnectionMemory),
        new("vhd", "disk", VhdTarget.Run, MaxAllocated: DiskMemory),
        new("vhdx", "disk", VhdxTarget.Run, MaxAllocated: DiskMemory),
        new("qcow2", "disk", Qcow2Target.Run),
    ];
}
