using System.Runtime.ExceptionServices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Tracing;
using Tidemark.Engine.Writing;

namespace Tidemark.Engine.Packing;

/// <summary>
/// Gathers changed blocks into frames, has workers compress them, and writes them to the image in order. A ring of jobs
/// goes round: the caller fills one, a worker encodes it, the writer's thread appends it. Locks are taken per frame.
/// Without workers the caller's thread does it all, a frame at a time, so that a simulation repeats itself exactly.
/// </summary>
internal sealed class FramePacker : IDisposable
{
    /// <summary>Memory of all jobs at most, whatever the number of processors and the size of blocks.</summary>
    private const int MaxJobMemory = 24 << 20;

    private readonly ImageWriter image;
    private readonly FrameEncoder[] encoders;
    private readonly ImageCipher?[] ciphers;
    private readonly Thread[] threads;
    private readonly FrameJob[] jobs;
    private readonly bool[] encoded;
    private readonly long[] ordinals;
    private readonly object turn = new();
    private readonly bool inline;
    private long filled;
    private long taken;
    private long written;
    private long frames;
    private bool complete;
    private Exception? failure;

    public FramePacker(ImageWriter image, ImageHeader header, int level, ImageCipher? cipher, int workers)
    {
        this.image = image;
        var frameBytes = Math.Max(ImageFormat.DefaultFrameBytes, header.BlockSize);
        var most = Math.Max(4, MaxJobMemory / (2 * frameBytes));
        inline = workers == 0;
        workers = Math.Clamp(workers, 1, most - 2);

        // One job is being filled and one being written while every worker has one and the next at hand.
        jobs = new FrameJob[inline ? 1 : Math.Min(most, (2 * workers) + 2)];
        encoded = new bool[jobs.Length];
        ordinals = new long[jobs.Length];
        for (var i = 0; i < jobs.Length; i++)
        {
            jobs[i] = new FrameJob(frameBytes, header.BlockSize);
        }

        encoders = new FrameEncoder[workers];
        ciphers = new ImageCipher?[workers];
        threads = inline ? [] : new Thread[workers + 1];
        for (var i = 0; i < workers; i++)
        {
            ciphers[i] = cipher?.Clone();
            encoders[i] = new FrameEncoder(header.Codec, level, ciphers[i], header.ImageId, frameBytes);
            if (inline)
            {
                return;
            }

            var encoder = encoders[i];
            threads[i] = new Thread(() => Guard("pack", () => EncodeJobs(encoder))) { IsBackground = true, Name = $"pack {i}" };
        }

        threads[workers] = new Thread(() => Guard("write", WriteJobs)) { IsBackground = true, Name = "write image" };
        foreach (var thread in threads)
        {
            thread.Start();
        }
    }

    private FrameJob Filling => jobs[filled % jobs.Length];

    /// <summary>Takes a copy of a stored block. Blocks and extents come in order, each once.</summary>
    public void AddBlock(long block, BlockState state, UInt128 hash, ReadOnlySpan<byte> data)
    {
        if (!Filling.TryAddBlock(block, state, hash, data))
        {
            Seal();
            var added = Filling.TryAddBlock(block, state, hash, data);
            Invariant.Holds(added, "an empty job takes a block");
        }
    }

    /// <summary>Takes an extent without content.</summary>
    public void AddExtent(long first, long count, BlockState state)
    {
        if (!Filling.TryAddRun(first, count, state))
        {
            Seal();
            var added = Filling.TryAddRun(first, count, state);
            Invariant.Holds(added, "an empty job takes an extent");
        }
    }

    /// <summary>Waits until everything is in the image.</summary>
    public void Complete()
    {
        if (!Filling.IsEmpty)
        {
            Seal();
        }

        lock (turn)
        {
            complete = true;
            Monitor.PulseAll(turn);
        }

        var waiting = Tracer.Begin();
        Join();
        Tracer.WaitedForOutput(waiting);
        ThrowIfFailed();
    }

    public void Dispose()
    {
        lock (turn)
        {
            // Without a complete run the threads stop at once; what they had is thrown away with the image.
            failure ??= complete ? null : new OperationCanceledException();
            Monitor.PulseAll(turn);
        }

        Join();
        foreach (var encoder in encoders)
        {
            encoder.Dispose();
        }

        foreach (var cipher in ciphers)
        {
            cipher?.Dispose();
        }
    }

    private void Seal()
    {
        if (inline)
        {
            jobs[0].Encode(encoders[0], frames++);
            Write(jobs[0]);
            jobs[0].Clear();
            return;
        }

        var waiting = Tracer.Begin();
        lock (turn)
        {
            ordinals[filled % jobs.Length] = frames;
            frames++;
            filled++;
            Monitor.PulseAll(turn);
            while (failure is null && filled - written == jobs.Length)
            {
                Monitor.Wait(turn);
            }
        }

        Tracer.WaitedForOutput(waiting);
        ThrowIfFailed();
        Invariant.Holds(Filling.IsEmpty);
    }

    private void EncodeJobs(FrameEncoder encoder)
    {
        while (true)
        {
            long mine;
            var waiting = Tracer.Begin();
            lock (turn)
            {
                while (failure is null && taken == filled && !complete)
                {
                    Monitor.Wait(turn);
                }

                Tracer.WaitedForInput(waiting);
                if (failure is not null || taken == filled)
                {
                    return;
                }

                mine = taken++;
            }

            var slot = mine % jobs.Length;
            jobs[slot].Encode(encoder, ordinals[slot]);
            lock (turn)
            {
                encoded[slot] = true;
                Monitor.PulseAll(turn);
            }
        }
    }

    private void WriteJobs()
    {
        while (true)
        {
            var slot = written % jobs.Length;
            var waiting = Tracer.Begin();
            lock (turn)
            {
                while (failure is null && !encoded[slot] && !(complete && written == filled))
                {
                    Monitor.Wait(turn);
                }

                Tracer.WaitedForInput(waiting);
                if (failure is not null || !encoded[slot])
                {
                    return;
                }
            }

            Write(jobs[slot]);
            lock (turn)
            {
                jobs[slot].Clear();
                encoded[slot] = false;
                written++;
                Monitor.PulseAll(turn);
            }
        }
    }

    private void Write(FrameJob job)
    {
        var place = image.AppendFrame(job.Frame, job.PlainLength);
        var block = 0;
        foreach (var (first, count, state) in job.Extents)
        {
            if (state.IsStored())
            {
                image.AddExtent(new IndexExtent(first, count, state, place, block), job.Hashes.Slice(block, (int)count));
                block += (int)count;
            }
            else
            {
                image.AddExtent(new IndexExtent(first, count, state), []);
            }
        }
    }

    private void Guard(string stage, Action work)
    {
        Tracer.EnterStage(stage);
        try
        {
            work();
        }
        catch (Exception e) when (Fail(e))
        {
            // Reported by the thread that fills.
        }

        Tracer.LeaveStage();
    }

    private bool Fail(Exception e)
    {
        lock (turn)
        {
            failure ??= e;
            Monitor.PulseAll(turn);
        }

        return true;
    }

    private void Join()
    {
        foreach (var thread in threads)
        {
            thread.Join();
        }
    }

    private void ThrowIfFailed()
    {
        Exception? e;
        lock (turn)
        {
            e = failure;
        }

        if (e is not null)
        {
            ExceptionDispatchInfo.Throw(e);
        }
    }
}
