using System.Buffers.Binary;

namespace Tidemark.Engine.Volumes;

/// <summary>The superblock of a device of bcache, backing or caching (Linux, drivers/md/bcache/bcache_ondisk.h).</summary>
internal static class BcacheSuperblock
{
    private const int Offset = 4096;
    private const int ReadSize = 64;
    private const int VersionOffset = 16;
    private const int MagicOffset = 24;

    /// <summary>Versions of caching devices; all others have data of their own.</summary>
    private const ulong CacheVersion = 0, CacheVersionWithId = 3, CacheVersionWithFeatures = 5;

    private static ReadOnlySpan<byte> Magic => [0xC6, 0x85, 0x73, 0xF6, 0x4E, 0x1A, 0x45, 0xCA, 0x82, 0x65, 0xF5, 0x7F, 0x48, 0xBA, 0x6D, 0x81];

    public static VolumeContent? TryRead(VolumeView volume)
    {
        Span<byte> superblock = stackalloc byte[ReadSize];
        if (!volume.TryRead(Offset, superblock) || !superblock[MagicOffset..].StartsWith(Magic))
        {
            return null;
        }

        var version = BinaryPrimitives.ReadUInt64LittleEndian(superblock[VersionOffset..]);
        return VolumeContent.Of("bcache", "bcache", null, null) with
        {
            Elsewhere = version is CacheVersion or CacheVersionWithId or CacheVersionWithFeatures
                ? "it is the cache of other devices (bcache)"
                : "a part of it may be in its cache, on another device (bcache)",
        };
    }
}
