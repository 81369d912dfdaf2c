using Tidemark.Engine.Format;
using Tidemark.Engine.Images;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Tracing;

namespace Tidemark.Engine.Packing;

/// <summary>
/// Reads a batch of frames and proves them: header, checksum and the blocks the index says they hold, and with a hasher
/// every block's content. One a worker; what is damaged is contained to its frame, or to its blocks.
/// </summary>
internal sealed class FrameProver : IDisposable
{
    private readonly FrameDecoder decoder = new();
    private readonly byte[] plain = new byte[ImageFormat.MaxFrameBytes];
    private ImageReader? image;
    private ImageCipher? cipher;

    public void Prove(FrameBatch batch)
    {
        if (image != batch.Image)
        {
            cipher?.Dispose();
            image = batch.Image!;
            cipher = image.Cipher?.Clone();
        }

        var began = Tracer.Begin();

        // One bad sector of the store's disk must not take the frames around it with it.
        var readWhole = Read(batch.Offset, batch.Payload) is null;
        for (var i = 0; i < batch.FrameCount; i++)
        {
            var frame = batch.Frame(i);
            var stored = batch.Payload.Slice((int)(frame.Offset - batch.Offset), frame.Length);
            var problem = readWhole ? null : Read(frame.Offset, stored);
            problem ??= Prove(batch, i, stored);
            if (problem is not null)
            {
                batch.Damage.Add(new FrameDamage(frame, problem, Blocks(batch.Extents(i))));
            }
            else if (readWhole && !Layout.AllZero(Padding(batch, frame)))
            {
                batch.Damage.Add(new FrameDamage(frame, "the bytes that fill up behind the frame aren't zeros; no restore needs them", []));
            }
        }

        if (began != 0)
        {
            Tracer.Log.FramesProven(batch.Offset, batch.Length, batch.FrameCount, Tracer.Since(began));
        }
    }

    public void Dispose()
    {
        decoder.Dispose();
        cipher?.Dispose();
    }

    private static (long First, long End)[] Blocks(ReadOnlySpan<FramedExtent> extents)
    {
        var blocks = new (long, long)[extents.Length];
        for (var i = 0; i < extents.Length; i++)
        {
            blocks[i] = (extents[i].First, extents[i].First + extents[i].Count);
        }

        return blocks;
    }

    private static ReadOnlySpan<byte> Padding(FrameBatch batch, in FrameRef frame)
    {
        var end = (int)(frame.Offset - batch.Offset) + frame.Length;
        return batch.Payload[end..(int)Math.Min(ImageFormat.AlignUp(end), batch.Length)];
    }

    private string? Read(long offset, Span<byte> buffer)
    {
        try
        {
            image!.ReadPayload(offset, buffer);
            return null;
        }
        catch (TidemarkException e) when (e.Error == TidemarkError.Damaged)
        {
            return e.Message;
        }
    }

    /// <summary>What is wrong with the whole frame; blocks that alone are wrong go to the batch's damage at once.</summary>
    private string? Prove(FrameBatch batch, int index, Span<byte> stored)
    {
        var header = image!.Header;
        var length = 0;
        var problem = batch.Hasher is null
            ? decoder.Check(stored, header.ImageId, header.BlockSize, out var frameHeader)
                ?? (frameHeader.Encrypted != header.Encrypted ? "the frame is encrypted where its image isn't, or the other way round" : null)
            : decoder.Decode(stored, header.ImageId, header.BlockSize, cipher, plain, out length);
        if (problem is not null)
        {
            return problem;
        }

        foreach (ref readonly var extent in batch.Extents(index))
        {
            if (!Holds(extent))
            {
                return "the frame holds other blocks than the index says";
            }
        }

        if (batch.Hasher is not null)
        {
            ProveContent(batch, index);
        }

        return null;
    }

    /// <summary>Whether the frame's own list has the extent's blocks at the place the index gives.</summary>
    private bool Holds(in FramedExtent extent)
    {
        var at = 0;
        var need = extent.First;
        var place = extent.BlockInFrame;
        var left = extent.Count;
        foreach (var range in decoder.Ranges)
        {
            if (!range.State.IsStored())
            {
                continue;
            }

            // Stored ranges are checked to fit the frame.
            var count = (int)range.Count;
            if (place < at + count)
            {
                if (range.First + (place - at) != need)
                {
                    return false;
                }

                var taken = Math.Min(left, at + count - place);
                left -= taken;
                place += taken;
                need += taken;
                if (left == 0)
                {
                    return true;
                }
            }

            at += count;
        }

        return false;
    }

    private void ProveContent(FrameBatch batch, int index)
    {
        var blockSize = image!.Header.BlockSize;
        List<(long First, long End)>? wrong = null;
        foreach (ref readonly var extent in batch.Extents(index))
        {
            var content = plain.AsSpan(extent.BlockInFrame * blockSize, extent.Count * blockSize);
            var known = batch.Hashes(extent);
            for (var i = batch.Hasher!.FirstWrong(content, blockSize, known); i >= 0;
                i = batch.Hasher.FirstWrong(content, blockSize, known, i + 1))
            {
                wrong ??= [];
                wrong.Add((extent.First + i, extent.First + i + 1));
            }
        }

        if (wrong is not null)
        {
            batch.Damage.Add(new FrameDamage(batch.Frame(index), "the content doesn't have the hash in the index", wrong));
        }
    }
}
