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
    /// 32 MiB and 4 passes, more than the OWASP minimum (19 MiB and 2) and small enough to leave a backup within its memory:
    /// 128 MiB in all, buffers included.
    /// </summary>
    public static Argon2Cost Default => new(32 * 1024, 4, 1);

    /// <summary>Whether a reader may compute it; checked before any memory is taken.</summary>
    public bool IsWithinBounds =>
        MemoryKiB is >= MinMemoryKiB and <= MaxMemoryKiB && Passes is >= 1 and <= MaxPasses && Parallelism == 1;
}
