using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Tidemark.Engine.Tracing;

namespace Tidemark.Engine.Pipelines;

/// <summary>
/// Threads that work on numbered slots as they are handed in. One thread hands in and asks; a lock is taken a few times
/// a slot. What a worker throws comes out of the next <see cref="IsDone"/>. A crew without threads does the work where
/// it is handed in.
/// </summary>
internal sealed class WorkerCrew : IDisposable
{
    private readonly Thread[] threads;
    private readonly Action<int>? inline;
    private readonly bool[] done;
    private readonly Queue<int> work;
    private readonly object turn = new();
    private bool stop;
    private Exception? failure;

    /// <param name="name">What debuggers call the threads.</param>
    /// <param name="slots">Slots are numbered from 0.</param>
    /// <param name="workers">One a thread: does the work of a slot, and is never called twice at once.</param>
    /// <param name="inline">Has the caller's thread do it all, with the first worker.</param>
    public WorkerCrew(string name, int slots, IReadOnlyList<Action<int>> workers, bool inline = false)
    {
        done = new bool[slots];
        work = new Queue<int>(slots);
        this.inline = inline ? workers[0] : null;
        threads = inline ? [] : new Thread[workers.Count];
        for (var i = 0; i < threads.Length; i++)
        {
            var worker = workers[i];
            threads[i] = new Thread(() => Work(name, worker)) { IsBackground = true, Name = $"{name} {i}" };
            threads[i].Start();
        }
    }

    public void Hand(int slot)
    {
        if (inline is not null)
        {
            inline(slot);
            done[slot] = true;
            return;
        }

        lock (turn)
        {
            Debug.Assert(!work.Contains(slot), "a slot is handed in once until it is done");
            done[slot] = false;
            work.Enqueue(slot);
            Monitor.PulseAll(turn);
        }
    }

    /// <summary>Whether a slot's work is done; waits for it if <paramref name="wait"/>.</summary>
    public bool IsDone(int slot, bool wait)
    {
        lock (turn)
        {
            while (wait && !done[slot] && failure is null)
            {
                Monitor.Wait(turn);
            }

            if (failure is not null)
            {
                ExceptionDispatchInfo.Throw(failure);
            }

            return done[slot];
        }
    }

    /// <summary>Lets every worker end the slot it has, and waits for that; what wasn't begun stays undone.</summary>
    public void Dispose()
    {
        lock (turn)
        {
            stop = true;
            Monitor.PulseAll(turn);
        }

        foreach (var thread in threads)
        {
            thread.Join();
        }
    }

    private void Work(string stage, Action<int> worker)
    {
        Tracer.EnterStage(stage);
        try
        {
            while (TryTake(out var slot))
            {
                worker(slot);
                lock (turn)
                {
                    done[slot] = true;
                    Monitor.PulseAll(turn);
                }
            }
        }
#pragma warning disable CA1031 // Whatever ends a worker is thrown again on the caller's thread.
        catch (Exception e)
#pragma warning restore CA1031
        {
            lock (turn)
            {
                failure ??= e;
                Monitor.PulseAll(turn);
            }
        }

        Tracer.LeaveStage();
    }

    private bool TryTake(out int slot)
    {
        var waiting = Tracer.Begin();
        lock (turn)
        {
            while (!stop && work.Count == 0)
            {
                Monitor.Wait(turn);
            }

            Tracer.WaitedForInput(waiting);

            slot = stop ? -1 : work.Dequeue();
            return !stop;
        }
    }
}
