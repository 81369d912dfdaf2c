using System.Diagnostics;
using Tidemark.Engine.Format;
using Tidemark.Engine.Images;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Packing;
using Tidemark.Engine.Tracing;

namespace Tidemark.Engine.Pipelines;

/// <summary>
/// Reads and decodes frames of a lineage and keeps the last ones: in block order a frame of scattered blocks comes up
/// again and again. One a worker.
/// </summary>
internal sealed class FrameCache : IDisposable
{
    /// <summary>Frames kept at least: a worker goes to and fro between a few images.</summary>
    private const int MinFrames = 4;

    private readonly Lineage lineage;
    private readonly ImageCipher?[] ciphers;
    private readonly FrameDecoder decoder = new();
    private readonly byte[] stored;
    private readonly Entry[] entries;
    private readonly int blockSize;
    private readonly int frameBytes;
    private readonly int capacity;
    private long bytes;
    private long clock;

    /// <param name="lineage">The images frames are read from, by layer.</param>
    /// <param name="capacity">Plain bytes to keep, as long as that is a handful of frames.</param>
    public FrameCache(Lineage lineage, int capacity)
    {
        this.lineage = lineage;
        blockSize = lineage.Header.BlockSize;
        frameBytes = ImageFormat.MaxFrameBytes;
        var usual = Math.Max(ImageFormat.DefaultFrameBytes, blockSize);
        entries = new Entry[Math.Max(MinFrames, capacity / usual)];
        this.capacity = Math.Max(capacity, MinFrames * usual);
        ciphers = new ImageCipher?[lineage.Count];
        stored = new byte[FrameEncoder.MaxStored(frameBytes)];
    }

    /// <summary>
    /// The plain blocks of a frame; valid until the next call. Empty and what is wrong where the frame is damaged.
    /// </summary>
    /// <param name="whole">
    /// Where the blocks are wanted. A frame of exactly that size is decoded there at once, returned as this very span, and
    /// not kept: nothing of it is left that somebody could ask for.
    /// </param>
    public ReadOnlySpan<byte> Read(int layer, in FrameRef frame, Span<byte> whole, out string? problem)
    {
        problem = null;
        clock++;
        var (oldest, empty) = (-1, -1);
        for (var i = 0; i < entries.Length; i++)
        {
            ref var entry = ref entries[i];
            if (entry.Length > 0 && entry.Layer == layer && entry.Frame == frame)
            {
                entry.Used = clock;
                return entry.Plain.AsSpan(0, entry.Length);
            }

            if (entry.Plain is null)
            {
                empty = i;
            }
            else if (oldest < 0 || entry.Used < entries[oldest].Used)
            {
                oldest = i;
            }
        }

        // What nobody asked for during as many reads as there are entries has had its time, so no more memory is taken.
        oldest = empty >= 0 && (oldest < 0 || clock - entries[oldest].Used <= entries.Length) ? empty : oldest;
        return Load(ref entries[oldest], layer, frame, whole, out problem);
    }

    public void Dispose()
    {
        decoder.Dispose();
        foreach (var cipher in ciphers)
        {
            cipher?.Dispose();
        }
    }

    private ReadOnlySpan<byte> Load(ref Entry entry, int layer, in FrameRef frame, Span<byte> whole, out string? problem)
    {
        var image = lineage[layer];
        if (frame.Length > stored.Length)
        {
            problem = "the frame is longer than any frame can be";
            return default;
        }

        var bytes = stored.AsSpan(0, frame.Length);
        if (image.TryReadPayload(frame.Offset, bytes) is { } unread)
        {
            problem = unread;
            return default;
        }

        if (image.Cipher is not null)
        {
            ciphers[layer] ??= image.Cipher.Clone();
        }

        var need = PlainLength(bytes);
        if (need > frameBytes)
        {
            problem = "the frame says that it is larger than any frame can be";
            return default;
        }

        if (need == whole.Length)
        {
            problem = Decode(image, layer, frame, bytes, whole, out var filled);
            Debug.Assert(problem is not null || filled == whole.Length);
            return problem is null ? whole : default;
        }

        entry.Length = 0;
        if (entry.Plain is null || entry.Plain.Length < need)
        {
            Grow(ref entry, (int)Math.Max(need, Math.Max(ImageFormat.DefaultFrameBytes, blockSize)));
        }

        problem = Decode(image, layer, frame, bytes, entry.Plain, out var length);
        if (problem is not null)
        {
            return default;
        }

        entry.Layer = layer;
        entry.Frame = frame;
        entry.Length = length;
        entry.Used = clock;
        return entry.Plain.AsSpan(0, length);
    }

    private string? Decode(ImageReader image, int layer, in FrameRef frame, Span<byte> bytes, Span<byte> plain, out int length)
    {
        var began = Tracer.Begin();
        var problem = decoder.Decode(bytes, image.Header.ImageId, blockSize, ciphers[layer], plain, out length);
        if (began != 0)
        {
            Tracer.Log.FrameDecoded(frame.Offset, length, frame.Length, Tracer.Since(began));
        }

        return problem;
    }

    /// <summary>
    /// Gives an entry a larger buffer. Frames of an ordinary writer have one size; those of a forged image may not, and
    /// then the oldest buffers make room, so that the bound holds.
    /// </summary>
    private void Grow(ref Entry entry, int size)
    {
        bytes += size - (entry.Plain?.Length ?? 0);
        entry.Plain = null;
        entry.Length = 0;
        while (bytes > capacity)
        {
            var oldest = -1;
            for (var i = 0; i < entries.Length; i++)
            {
                if (entries[i].Plain is not null && (oldest < 0 || entries[i].Used < entries[oldest].Used))
                {
                    oldest = i;
                }
            }

            if (oldest < 0)
            {
                break;
            }

            bytes -= entries[oldest].Plain!.Length;
            entries[oldest] = default;
        }

        entry.Plain = new byte[size];
    }

    /// <summary>What the frame claims, before any check: only to size the buffer, within the format's bounds.</summary>
    private static uint PlainLength(ReadOnlySpan<byte> frame) => Layout.U32(frame, 32);

    private struct Entry
    {
        public int Layer;
        public FrameRef Frame;
        public byte[]? Plain;
        public int Length;
        public long Used;
    }
}
