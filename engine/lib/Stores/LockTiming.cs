namespace Tidemark.Engine.Stores;

/// <summary>The times of the protocol in <see cref="LockClaim"/>.</summary>
/// <param name="Settle">
/// How long a claim has to stand unchanged before it counts, where the system's own locks may not reach every machine.
/// </param>
/// <param name="Beat">Time between two signs of life.</param>
/// <param name="Watch">How long an owner from before this machine's start is watched for one before it is taken for dead.</param>
internal sealed record LockTiming(TimeSpan Settle, TimeSpan Beat, TimeSpan Watch)
{
    /// <summary>
    /// A second is many times what a share takes from a look at a small file to a write of it; where it was more, the
    /// claim waits for twice of that. Ten seconds between signs are a few bytes' writing, and two of them in a row don't
    /// get lost without anybody noticing.
    /// </summary>
    public static LockTiming Shared { get; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(25));

    /// <summary>Where only one system can have the file system mounted, its lock has decided already.</summary>
    public static LockTiming Local { get; } = Shared with { Settle = TimeSpan.Zero, Watch = TimeSpan.Zero };
}
