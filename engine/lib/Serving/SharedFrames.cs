using System.Collections.Concurrent;
using System.Diagnostics;
using Tidemark.Engine.Format;
using Tidemark.Engine.Images;

namespace Tidemark.Engine.Serving;

/// <summary>
/// Decoded frames of a lineage for many threads: each frame is read and decoded once however many ask for it at a time, and
/// the last ones are kept up to a bound.
/// </summary>
internal sealed class SharedFrames : IDisposable
{
    private readonly Lineage lineage;
    private readonly long capacity;
    private readonly Lock gate = new();
    private readonly Dictionary<(int Layer, long Offset), SharedFrame> frames = [];
    private readonly LinkedList<SharedFrame> used = new();
    private readonly Stack<byte[]> spare = new();
    private readonly ConcurrentBag<FrameLoader> loaders = [];
    private long bytes;

    /// <param name="lineage">The images frames are read from, by layer.</param>
    /// <param name="capacity">Plain bytes to keep, beside those in use.</param>
    public SharedFrames(Lineage lineage, long capacity)
    {
        this.lineage = lineage;
        this.capacity = capacity;
    }

    /// <summary>
    /// Borrows a frame, decoded; <see cref="Return"/> it. A frame that is damaged has a problem and no content.
    /// </summary>
    public SharedFrame Borrow(int layer, in FrameRef reference)
    {
        var frame = Take(layer, reference);
        if (!frame.IsLoaded)
        {
            lock (frame.Loading)
            {
                if (!frame.IsLoaded)
                {
                    Load(frame);
                }
            }
        }

        return frame;
    }

    public void Return(SharedFrame frame)
    {
        lock (gate)
        {
            frame.Borrowers--;

            // Damage isn't kept: a store that was away may be back.
            if (frame.Problem is not null && frame.Borrowers == 0 && frame.Node.List is not null)
            {
                Drop(frame);
            }

            Shrink();
        }
    }

    public void Dispose()
    {
        while (loaders.TryTake(out var loader))
        {
            loader.Dispose();
        }
    }

    private SharedFrame Take(int layer, in FrameRef reference)
    {
        lock (gate)
        {
            if (frames.TryGetValue((layer, reference.Offset), out var frame) && frame.Reference == reference)
            {
                if (used.First != frame.Node)
                {
                    used.Remove(frame.Node);
                    used.AddFirst(frame.Node);
                }
            }
            else
            {
                if (frame is not null)
                {
                    // Another length at the same place: one of the two is forged, and each is checked by itself.
                    Drop(frame);
                }

                frame = new SharedFrame(layer, reference);
                frames.Add((layer, reference.Offset), frame);
                used.AddFirst(frame.Node);
            }

            frame.Borrowers++;
            return frame;
        }
    }

    private void Load(SharedFrame frame)
    {
        var loader = loaders.TryTake(out var idle) ? idle : new FrameLoader(lineage);
        try
        {
            if (loader.TryBegin(frame.Layer, frame.Reference, out var size) is { } problem)
            {
                frame.Fail(problem);
                return;
            }

            var plain = Buffer(size);
            if (loader.Finish(frame.Layer, plain, out var length) is { } damage)
            {
                frame.Fail(damage);
                lock (gate)
                {
                    bytes -= plain.Length;
                }

                return;
            }

            frame.Fill(plain, length);
        }
        finally
        {
            loaders.Add(loader);
        }
    }

    /// <summary>A buffer that counts from now on: one that an older frame gave back, or a new one.</summary>
    private byte[] Buffer(int size)
    {
        var usual = Math.Max(ImageFormat.DefaultFrameBytes, lineage.Header.BlockSize);
        lock (gate)
        {
            var length = Math.Max(size, usual);
            bytes += length;
            Shrink();
            if (length == usual && spare.TryPop(out var old))
            {
                return old;
            }

            return new byte[length];
        }
    }

    private void Shrink()
    {
        Debug.Assert(gate.IsHeldByCurrentThread);
        for (var node = used.Last; bytes > capacity && node is not null;)
        {
            var frame = node.Value;
            node = node.Previous;
            if (frame.Borrowers == 0 && frame.IsLoaded)
            {
                Drop(frame);
            }
        }
    }

    private void Drop(SharedFrame frame)
    {
        used.Remove(frame.Node);
        frames.Remove((frame.Layer, frame.Reference.Offset));
        if (frame.Buffer is not { } buffer)
        {
            return;
        }

        bytes -= buffer.Length;

        // A buffer that somebody still reads isn't anybody else's; the collector gets it.
        const int MaxSpare = 64;
        if (frame.Borrowers == 0 && spare.Count < MaxSpare
            && buffer.Length == Math.Max(ImageFormat.DefaultFrameBytes, lineage.Header.BlockSize))
        {
            spare.Push(buffer);
        }
    }
}
