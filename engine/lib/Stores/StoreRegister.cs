namespace Tidemark.Engine.Stores;

/// <summary>What a register holds.</summary>
/// <param name="Value">Null where it holds nothing.</param>
/// <param name="Version">What tells this content from any other before or after; null where it holds nothing.</param>
internal readonly record struct RegisterState(byte[]? Value, string? Version);

/// <summary>
/// A few bytes under one name that several machines see and may set: who sets them says what he believes to be there. Every
/// call goes to the store anew, so that shares which cache what they show tell what others wrote.
/// </summary>
internal abstract class StoreRegister
{
    /// <summary>Bytes that it holds at most.</summary>
    public const int MaxBytes = LockOwner.MaxBytes;

    /// <summary>
    /// Whether <see cref="TrySet"/> compares and sets in one step, before everybody who sees the register. Where not, two may
    /// both be told true, and the last of them is what it holds: who needs to be the only one waits and looks again.
    /// </summary>
    public abstract bool IsExact { get; }

    public abstract RegisterState Read();

    /// <summary>Sets it, durably, if what it holds has the version that is expected.</summary>
    /// <param name="value">At most <see cref="MaxBytes"/>; null to have it hold nothing.</param>
    /// <param name="expected">Null where nothing is expected.</param>
    /// <returns>False where it holds something else.</returns>
    public abstract bool TrySet(byte[]? value, string? expected);
}
