namespace Tidemark.Engine.Allocation.Lvm;

/// <summary>A run of a logical volume on a physical one: that many bytes lie one behind the other in both, or alternate in stripes.</summary>
/// <param name="Physical">Where it begins on the physical volume.</param>
/// <param name="Length">Bytes there.</param>
/// <param name="Logical">Where its segment begins in the logical volume.</param>
/// <param name="Stripe">Which of the segment's stripes it is.</param>
/// <param name="Stripes">How many there are.</param>
/// <param name="StripeSize">Bytes of a piece before the next stripe's turn; no matter where there is only one.</param>
internal readonly record struct LvmRun(long Physical, long Length, long Logical, int Stripe, int Stripes, long StripeSize)
{
    public long End => Physical + Length;

    /// <summary>The place in the logical volume of a byte of the physical one, and how many follow it in both.</summary>
    public (long Logical, long Count) ToLogical(long physical)
    {
        var within = physical - Physical;
        return Stripes == 1
            ? (Logical + within, Length - within)
            : (Logical + (((within / StripeSize * Stripes) + Stripe) * StripeSize) + (within % StripeSize), Math.Min(StripeSize - (within % StripeSize), Length - within));
    }

    /// <summary>The place on the physical volume of a byte of the segment, if it is this stripe's, and how many follow it in both.</summary>
    public (long Physical, long Count)? ToPhysical(long logical)
    {
        var within = logical - Logical;
        if (within < 0 || within >= Length * Stripes)
        {
            return null;
        }

        if (Stripes == 1)
        {
            return (Physical + within, Length - within);
        }

        var piece = within / StripeSize;
        return piece % Stripes == Stripe
            ? (Physical + (piece / Stripes * StripeSize) + (within % StripeSize), StripeSize - (within % StripeSize))
            : null;
    }
}

/// <summary>What a logical volume has of the physical volume that is looked at.</summary>
/// <param name="Name">The logical volume's.</param>
/// <param name="Length">Bytes of the logical volume.</param>
/// <param name="Runs">Its runs here.</param>
/// <param name="IsWhole">
/// Whether all of it is here, byte by byte as its readers see it, and nothing else reads it: no snapshot, no mirror, no pool.
/// </param>
internal sealed record LvmVolume(string Name, long Length, IReadOnlyList<LvmRun> Runs, bool IsWhole);
