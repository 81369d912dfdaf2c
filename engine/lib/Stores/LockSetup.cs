namespace Tidemark.Engine.Stores;

/// <summary>How a local folder is locked.</summary>
/// <param name="Self">This process as an owner.</param>
/// <param name="Timing">The protocol's times; null for those that the file system asks for.</param>
/// <param name="SystemLocks">Whether the system's own locks are taken as well.</param>
/// <param name="Time">Clock of the signs of life.</param>
/// <param name="Wait">Waits.</param>
internal sealed record LockSetup(LockSelf Self, LockTiming? Timing, bool SystemLocks, TimeProvider Time, Action<TimeSpan> Wait)
{
    public static LockSetup Real { get; } = new(LockSelf.Current, null, true, TimeProvider.System, Thread.Sleep);
}
