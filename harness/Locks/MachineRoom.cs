using Tidemark.Harness.Support;

namespace Tidemark.Harness.Locks;

/// <summary>
/// Machines whose steps take random times, run one at a time in the order in which the steps end: the same seed gives
/// the same history. Each machine is a thread that waits for its turn.
/// </summary>
internal sealed class MachineRoom(Random random)
{
    private readonly Lock gate = new();
    private readonly List<(TimeSpan Due, int Order, ManualResetEventSlim Turn)> waiting = [];
    private readonly ManualResetEventSlim idle = new();
    private int running;
    private Exception? failure;

    public TimeSpan Now { get; private set; }

    /// <summary>A random time below a bound.</summary>
    public TimeSpan Below(TimeSpan bound)
    {
        lock (gate)
        {
            return bound * random.NextDouble();
        }
    }

    public int Choose(int count)
    {
        lock (gate)
        {
            return random.Next(count);
        }
    }

    /// <summary>The calling machine goes on after a time, when no other has something to do before.</summary>
    public void Pass(TimeSpan time)
    {
        using var turn = new ManualResetEventSlim();
        lock (gate)
        {
            waiting.Add((Now + time, random.Next(), turn));
            running--;
            Next();
        }

        if (!turn.Wait(Patience.Limit))
        {
            throw new TimeoutException("The machines stand still.");
        }
    }

    /// <summary>Runs machines to their end.</summary>
    public void Run(params Action[] machines)
    {
        running = machines.Length;
        var threads = machines.Select(machine => new Thread(() => Live(machine))).ToArray();
        foreach (var thread in threads)
        {
            thread.Start();
        }

        if (!idle.Wait(Patience.Limit))
        {
            throw new TimeoutException("The machines stand still.");
        }

        foreach (var thread in threads)
        {
            thread.Join();
        }

        if (failure is not null)
        {
            throw new InvalidOperationException(failure.Message, failure);
        }
    }

    private void Live(Action machine)
    {
        try
        {
            // All begin at once, in an order that the seed gives.
            Pass(TimeSpan.Zero);
            machine();
        }
#pragma warning disable CA1031 // It is the test's own failure, and thrown where that waits.
        catch (Exception e)
#pragma warning restore CA1031
        {
            failure ??= e;
        }

        lock (gate)
        {
            running--;
            Next();
        }
    }

    private void Next()
    {
        if (running > 0)
        {
            return;
        }

        if (waiting.Count == 0)
        {
            idle.Set();
            return;
        }

        var next = waiting.MinBy(entry => (entry.Due, entry.Order));
        waiting.Remove(next);
        Now = next.Due > Now ? next.Due : Now;
        running++;
        next.Turn.Set();
    }
}
