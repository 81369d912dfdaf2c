using Tidemark.Engine;
using Tidemark.Engine.Stores;
using Tidemark.Engine.Stores.Layers;

namespace Tidemark.Harness.Stores;

/// <summary>A folder as far away as an object store: every call is a request, which is counted and may fail once in a while.</summary>
internal sealed class RemoteFolder(StoreFolder folder, StoreTraits traits) : LayeredFolder(folder)
{
    /// <summary>What a request takes, however small it is.</summary>
    public static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(100);

    private int requests;
    private long bytes;
    private int inFlight;
    private int most;

    public override StoreTraits Traits => traits;

    /// <summary>Every so many requests fail, and work when they are made again; 0 for none.</summary>
    public int FailsEvery { get; set; }

    /// <summary>Whether what fails has been done.</summary>
    public bool LosesReplies { get; set; }

    /// <summary>Read requests end when this is cancelled, and not before; null to answer at once.</summary>
    public CancellationTokenSource? Hangs { get; set; }

    public int Requests => requests;

    public long Bytes => bytes;

    /// <summary>Most requests that were under way at once.</summary>
    public int Most => most;

    /// <summary>How long the requests take one after the other.</summary>
    public TimeSpan Time => Latency * requests;

    public override IReadOnlyList<StoreEntry> List() => Ask(Behind.List);

    public override IReadOnlyList<string> ListUnfinished() => Ask(Behind.ListUnfinished);

    public override StoreFile OpenRead(string name) => new RemoteFile(this, Ask(() => Behind.OpenRead(name)));

    public override void Delete(string name) => Ask(() =>
    {
        Behind.Delete(name);
        return true;
    });

    private T Ask<T>(Func<T> request)
    {
        var number = Interlocked.Increment(ref requests);
        var now = Interlocked.Increment(ref inFlight);
        InterlockedMax(ref most, now);
        try
        {
            var fails = FailsEvery > 0 && number % FailsEvery == 0;
            if (fails && !LosesReplies)
            {
                throw Busy();
            }

            var answer = request();
            return fails ? throw Busy() : answer;
        }
        finally
        {
            Interlocked.Decrement(ref inFlight);
        }
    }

    private static TidemarkException Busy() => new(TidemarkError.Failed, "503 Slow Down") { MayPass = true };

    private static void InterlockedMax(ref int place, int value)
    {
        for (var seen = place; value > seen;)
        {
            var before = Interlocked.CompareExchange(ref place, value, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }

    private sealed class RemoteFile(RemoteFolder remote, StoreFile file) : LayeredFile(file)
    {
        public override unsafe void ReadAt(long offset, Span<byte> buffer, CancellationToken cancellation)
        {
            if (remote.Hangs is { } until)
            {
                until.Token.WaitHandle.WaitOne();
                cancellation.ThrowIfCancellationRequested();
            }

            Interlocked.Add(ref remote.bytes, buffer.Length);
            fixed (byte* start = buffer)
            {
                var (at, length) = ((nint)start, buffer.Length);
                remote.Ask(() =>
                {
                    Behind.ReadAt(offset, new Span<byte>((void*)at, length), default);
                    return true;
                });
            }
        }
    }
}
