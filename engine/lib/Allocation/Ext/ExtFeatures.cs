namespace Tidemark.Engine.Allocation.Ext;

/// <summary>
/// The feature words of an ext superblock that bear upon what is used, and those that are known not to (Linux, fs/ext4/ext4.h,
/// EXT4_FEATURE_*). A word with any other bit is of a file system that isn't understood.
/// </summary>
internal readonly record struct ExtFeatures(uint Compat, uint Incompat, uint RoCompat)
{
    private const uint HasJournalBit = 0x4;
    private const uint ResizeInodeBit = 0x10;
    private const uint SparseSuper2Bit = 0x200;

    private const uint RecoverBit = 0x4;
    private const uint JournalDeviceBit = 0x8;
    private const uint MetaBlockGroupsBit = 0x10;
    private const uint ExtentsBit = 0x40;
    private const uint SixtyFourBit = 0x80;
    private const uint MmpBit = 0x100;
    private const uint FlexibleGroupsBit = 0x200;
    private const uint ChecksumSeedBit = 0x2000;

    private const uint SparseSuperBit = 0x1;
    private const uint GroupChecksumBit = 0x10;
    private const uint BigAllocBit = 0x200;
    private const uint MetadataChecksumBit = 0x400;

    /// <summary>Beside those named: dir_prealloc, imagic, ext_attr, dir_index, fast_commit, stable_inodes, orphan_file.</summary>
    private const uint KnownCompat =
        HasJournalBit | ResizeInodeBit | SparseSuper2Bit | 0x1 | 0x2 | 0x8 | 0x20 | 0x400 | 0x800 | 0x1000;

    /// <summary>Beside those named: filetype, ea_inode, dirdata, large_dir, inline_data, encrypt, casefold.</summary>
    private const uint KnownIncompat =
        RecoverBit | JournalDeviceBit | MetaBlockGroupsBit | ExtentsBit | SixtyFourBit | MmpBit | FlexibleGroupsBit | ChecksumSeedBit
        | 0x2 | 0x400 | 0x1000 | 0x4000 | 0x8000 | 0x10000 | 0x20000;

    /// <summary>
    /// Beside those named: large_file, btree_dir, huge_file, dir_nlink, extra_isize, quota, read-only, project, shared_blocks,
    /// verity, orphan_present. Snapshots of Next3 and replicas aren't among them.
    /// </summary>
    private const uint KnownRoCompat =
        SparseSuperBit | GroupChecksumBit | BigAllocBit | MetadataChecksumBit
        | 0x2 | 0x4 | 0x8 | 0x20 | 0x40 | 0x100 | 0x1000 | 0x2000 | 0x4000 | 0x8000 | 0x10000;

    public bool HasJournal => (Compat & HasJournalBit) != 0;

    public bool HasSparseSuper2 => (Compat & SparseSuper2Bit) != 0;

    public bool NeedsRecovery => (Incompat & RecoverBit) != 0;

    public bool IsJournalDevice => (Incompat & JournalDeviceBit) != 0;

    public bool HasMetaBlockGroups => (Incompat & MetaBlockGroupsBit) != 0;

    public bool Has64Bit => (Incompat & SixtyFourBit) != 0;

    public bool HasMmp => (Incompat & MmpBit) != 0;

    public bool HasFlexibleGroups => (Incompat & FlexibleGroupsBit) != 0;

    public bool HasChecksumSeed => (Incompat & ChecksumSeedBit) != 0;

    public bool HasSparseSuper => (RoCompat & SparseSuperBit) != 0;

    public bool HasBigAlloc => (RoCompat & BigAllocBit) != 0;

    public bool HasMetadataChecksums => (RoCompat & MetadataChecksumBit) != 0;

    /// <summary>Whether group descriptors have a checksum, of either kind; only then may a group be uninitialised.</summary>
    public bool HasGroupChecksums => (RoCompat & (GroupChecksumBit | MetadataChecksumBit)) != 0;

    /// <summary>The word and the bits of it that nobody here knows; null where all are known.</summary>
    public string? Unknown =>
        (Incompat & ~KnownIncompat) is not 0 and var incompat ? $"incompat 0x{incompat:x}"
        : (RoCompat & ~KnownRoCompat) is not 0 and var roCompat ? $"ro_compat 0x{roCompat:x}"
        : (Compat & ~KnownCompat) is not 0 and var compat ? $"compat 0x{compat:x}"
        : null;
}
