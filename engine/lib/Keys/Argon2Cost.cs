namespace Tidemark.Engine.Keys;

/// <summary>What one guess at a passphrase costs (Argon2id version 0x13, RFC 9106, section 3.1: m, t and p).</summary>
/// <param name="MemoryKiB">Memory in KiB, <see cref="MinMemoryKiB"/> to <see cref="MaxMemoryKiB"/>.</param>
/// <param name="Passes">Passes over that memory, 1 to <see cref="MaxPasses"/>.</param>
/// <param name="Parallelism">Lanes; always 1, since libsodium computes no other number.</param>
internal readonly record struct Argon2Cost(uint MemoryKiB, uint Passes, uint Parallelism)
{
    /// <summary>RFC 9106 asks for 8 KiB a lane at least, and so does libsodium.</summary>
    public const uint MinMemoryKiB = 8;

    /// <summary>
    /// 1 GiB: what libsodium calls sensitive. A slot comes from outside, and this is the most that it may make a reader take.
    /// </summary>
    public const uint MaxMemoryKiB = 1024 * 1024;

    /// <summary>With <see cref="MaxMemoryKiB"/> this bounds one slot to about a minute: 64 GiB to go over, at some 2 GiB a second.</summary>
    public const uint MaxPasses = 64;

    /// <summary>
    /// The least memory of a machine, or of the container that the process runs in, on which slots take
    /// <see cref="Recommended"/>: four times as much, since a backup and the system need their own beside it, and whoever
    /// restores on such a machine as well.
    /// </summary>
    public const long LeastForRecommended = 4 * 64L * 1024 * 1024;

    /// <summary>
    /// What new slots take: 64 MiB and 3 passes, as the second recommended option of RFC 9106 (section 4) has it, with one
    /// lane in place of its four, since libsodium computes one. Lanes bound how long a guess takes and not what it costs.
    /// </summary>
    public static Argon2Cost Recommended => new(64 * 1024, 3, 1);

    /// <summary>
    /// What new slots take where memory is short: 32 MiB and 4 passes, more than the OWASP minimum (19 MiB and 2). All slots
    /// took it before.
    /// </summary>
    public static Argon2Cost Small => new(32 * 1024, 4, 1);

    /// <summary>What a new slot takes on this machine.</summary>
    public static Argon2Cost Default => For(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    /// <summary>What a new slot takes where a process may have so many bytes.</summary>
    public static Argon2Cost For(long memory) => memory >= LeastForRecommended ? Recommended : Small;

    /// <summary>Whether a reader may compute it; checked before any memory is taken.</summary>
    public bool IsWithinBounds =>
        MemoryKiB is >= MinMemoryKiB and <= MaxMemoryKiB && Passes is >= 1 and <= MaxPasses && Parallelism == 1;
}
