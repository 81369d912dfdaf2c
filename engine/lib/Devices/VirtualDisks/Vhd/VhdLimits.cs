namespace Tidemark.Engine.Devices.VirtualDisks.Vhd;

/// <summary>What a VHD that others shall read may be (specification 1.0; the readers here take more).</summary>
internal static class VhdLimits
{
    /// <summary>Bytes of a disk at most: a block's place is a 32-bit number of sectors, so 2 TiB less tables, rounded by the specification.</summary>
    public const long MaxDiskSize = 2040L << 30;

    /// <summary>The smaller of the two block sizes that are in use; Hyper-V takes no other.</summary>
    public const long SmallBlockSize = 512 << 10;

    /// <summary>Seconds that a VHD counts from: 2000-01-01 00:00 UTC.</summary>
    private static readonly DateTimeOffset Epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A time as a footer states it; times it can't state are its earliest and latest.</summary>
    public static uint TimeStamp(DateTimeOffset time) => (uint)Math.Clamp((time - Epoch).TotalSeconds, 0, uint.MaxValue);

    /// <summary>The time that a footer states.</summary>
    public static DateTimeOffset Time(uint stamp) => Epoch.AddSeconds(stamp);
}
