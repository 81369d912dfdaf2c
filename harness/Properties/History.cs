namespace Tidemark.Harness.Properties;

/// <summary>A volume, the settings of its chain, and all that happens to them. The first image is made of the volume as it begins.</summary>
/// <param name="BlockLog">The block size as a power of two: 12 to 20.</param>
/// <param name="SectorSize">Bytes: 512 or 4096.</param>
/// <param name="Length">Bytes of the volume as it begins.</param>
/// <param name="Seed">Content, ids, and the order in which transfers finish.</param>
public sealed record History(
    int BlockLog, bool Blake3, bool Encrypted, int SectorSize, int Length, int Seed, IReadOnlyList<Step> Steps)
{
    /// <summary>A few large blocks, or enough small ones for several transfers.</summary>
    private const int MaxBlocks = 60;

    private const int MaxVolume = 3 << 20;

    public int BlockSize => 1 << BlockLog;

    /// <summary>The longest volume of a history with blocks of this size, in bytes.</summary>
    public static int MaxLength(int blockLog) => Math.Min(MaxBlocks << blockLog, MaxVolume);

    public override string ToString() =>
        $"blocks of {BlockSize}, {(Blake3 ? "BLAKE3" : "XXH128")}{(Encrypted ? ", encrypted" : "")}, sectors of {SectorSize}, "
        + $"{Length} bytes, seed {Seed}:\n  " + string.Join("\n  ", Steps);
}
