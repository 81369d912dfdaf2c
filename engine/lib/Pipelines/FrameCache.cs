using System.Diagnostics;
using Tidemark.Engine.Format;
using Tidemark.Engine.Images;

namespace Tidemark.Engine.Pipelines;

/// <summary>
/// Decoded frames of a lineage for many threads: each frame is read and decoded once however many ask for it at a time, and
/// kept as long as its budget allows, since in block order a frame of scattered blocks comes up again and again.
/// </summary>
internal sealed class FrameCache : IDisposable
{
    /// <summary>Loaders kept for later, each with a buffer and a decompressor: more threads than this hardly ever load at once.</summary>
    private const int MostLoaders = 16;

    /// <summary>
    /// Objects of frames that went which are kept for the next: they live too long for the collector to find them soon.
    /// </summary>
    private const int MostIdle = 64;

    private readonly Lineage lineage;
    private readonly CacheBudget budget;
    private readonly bool keepsSpent;
    private readonly Dictionary<(int Layer, long Offset), CachedFrame> frames = [];
    private readonly Stack<FrameLoader> loaders = new();
    private readonly Stack<CachedFrame> idle = new();
    private long decoded;

    /// <param name="lineage">The images frames are read from, by layer.</param>
    /// <param name="budget">Bounds what is kept, beside what is in use.</param>
    /// <param name="keepsSpent">Keeps a frame that was read to its end while there is room; else it goes at once.</param>
    public FrameCache(Lineage lineage, CacheBudget budget, bool keepsSpent)
    {
        this.lineage = lineage;
        this.budget = budget;
        this.keepsSpent = keepsSpent;
    }

    /// <summary>Frames decoded so far.</summary>
    public long Decoded => Interlocked.Read(ref decoded);

    /// <summary>
    /// Borrows a frame, decoded; <see cref="Return"/> it. A frame that is damaged has a problem and no content.
    /// </summary>
    /// <exception cref="TidemarkException">The store fails.</exception>
    public CachedFrame Borrow(int layer, in FrameRef reference) => Loaded(Take(layer, reference), null);

    /// <summary>
    /// As <see cref="Borrow(int, in FrameRef)"/>, for who wants blocks from a frame's first on. A frame of exactly the size of
    /// <paramref name="whole"/> that isn't kept yet is decoded there, and null is returned: nothing of it is left that somebody
    /// could ask for.
    /// </summary>
    /// <param name="problem">What is wrong with the frame; null if nothing is.</param>
    /// <exception cref="TidemarkException">The store fails.</exception>
    public CachedFrame? Borrow(int layer, in FrameRef reference, Span<byte> whole, out string? problem)
    {
        FrameLoader? begun = null;
        if (!IsKept(layer, reference))
        {
            begun = TakeLoader();
            try
            {
                problem = begun.TryBegin(layer, reference, out var size);
                if (problem is null && size == whole.Length)
                {
                    problem = begun.Finish(whole, out var filled);
                    Interlocked.Increment(ref decoded);
                    Debug.Assert(problem is not null || filled == whole.Length);
                    GiveBack(begun);
                    return null;
                }
            }
            catch
            {
                GiveBack(begun);
                throw;
            }
        }

        var frame = Loaded(Take(layer, reference), begun);
        problem = frame.Problem;
        return frame;
    }

    /// <param name="spent">It was read to its end, so that who reads in order doesn't come back to it.</param>
    public void Return(CachedFrame frame, bool spent)
    {
        lock (budget.Gate)
        {
            frame.Borrowers--;
            frame.IsSpent |= spent;
            if (frame.Borrowers > 0)
            {
                return;
            }

            if (frame.Node.List is null)
            {
                Recycle(frame);
            }
            else if (frame.Problem is not null || (frame.IsSpent && !keepsSpent))
            {
                // Damage isn't kept either: a store that was away may be back.
                Drop(frame);
            }
            else if (frame.IsSpent)
            {
                budget.Spend(frame);
            }

            budget.Shrink();
        }
    }

    /// <summary>The budget let go of a frame.</summary>
    public void Forget(CachedFrame frame)
    {
        Debug.Assert(budget.Gate.IsHeldByCurrentThread);
        frames.Remove((frame.Layer, frame.Reference.Offset));
        if (frame.Borrowers == 0)
        {
            Recycle(frame);
        }
    }

    public void Dispose()
    {
        while (loaders.TryPop(out var loader))
        {
            loader.Dispose();
        }
    }

    private bool IsKept(int layer, in FrameRef reference)
    {
        lock (budget.Gate)
        {
            return frames.TryGetValue((layer, reference.Offset), out var frame) && frame.Reference == reference;
        }
    }

    private CachedFrame Take(int layer, in FrameRef reference)
    {
        lock (budget.Gate)
        {
            if (frames.TryGetValue((layer, reference.Offset), out var frame) && frame.Reference == reference)
            {
                frame.IsSpent = false;
                budget.Use(frame);
            }
            else
            {
                if (frame is not null)
                {
                    // Another length at the same place: one of the two is forged, and each is checked by itself.
                    Drop(frame);
                }

                frame = idle.TryPop(out var old) ? old : new CachedFrame(this);
                frame.Become(layer, reference);
                frames.Add((layer, reference.Offset), frame);
                budget.Add(frame);
            }

            frame.Borrowers++;
            return frame;
        }
    }

    /// <summary>Waits for a frame that another thread loads, or loads it.</summary>
    private CachedFrame Loaded(CachedFrame frame, FrameLoader? begun)
    {
        try
        {
            if (!frame.IsLoaded)
            {
                lock (frame.Loading)
                {
                    if (!frame.IsLoaded)
                    {
                        var loader = begun ?? TakeLoader();
                        begun = loader;
                        Load(frame, loader);
                    }
                }
            }

            return frame;
        }
        catch
        {
            Return(frame, spent: false);
            throw;
        }
        finally
        {
            if (begun is not null)
            {
                GiveBack(begun);
            }
        }
    }

    private void Load(CachedFrame frame, FrameLoader loader)
    {
        try
        {
            if (loader.TryBegin(frame.Layer, frame.Reference, out var size) is { } problem)
            {
                frame.Fail(problem);
                return;
            }

            var plain = Buffer(frame, size);
            Interlocked.Increment(ref decoded);
            if (loader.Finish(plain, out var length) is { } damage)
            {
                frame.Fail(damage);
                return;
            }

            frame.Fill(plain, length, loader.End);
        }
        catch (Exception e)
        {
            // Others may wait for it.
            frame.Fail(e.Message);
            throw;
        }
    }

    /// <summary>A buffer that counts from now on: one that another frame gave back, or a new one.</summary>
    private byte[] Buffer(CachedFrame frame, int size)
    {
        var length = Math.Max(size, budget.BufferSize);
        lock (budget.Gate)
        {
            budget.Resize(frame, length);
        }

        return length == budget.BufferSize ? budget.TakeBuffer() : GC.AllocateUninitializedArray<byte>(length);
    }

    private void Drop(CachedFrame frame)
    {
        budget.Remove(frame);
        Forget(frame);
    }

    private void Recycle(CachedFrame frame)
    {
        budget.GiveBuffer(frame.Buffer);
        if (idle.Count < MostIdle)
        {
            idle.Push(frame);
        }
    }

    private FrameLoader TakeLoader()
    {
        lock (budget.Gate)
        {
            if (loaders.TryPop(out var idle))
            {
                return idle;
            }
        }

        return new FrameLoader(lineage);
    }

    private void GiveBack(FrameLoader loader)
    {
        lock (budget.Gate)
        {
            if (loaders.Count < MostLoaders)
            {
                loaders.Push(loader);
                return;
            }
        }

        loader.Dispose();
    }
}
