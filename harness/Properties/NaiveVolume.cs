using Tidemark.Engine;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Operations.Healing;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Pipelines;

namespace Tidemark.Harness.Properties;

/// <summary>What an image must hold, worked out byte by byte.</summary>
/// <param name="Content">What it restores to: unreadable sectors hold their pattern.</param>
/// <param name="Unreadable">Whether a block has a sector that couldn't be read, one a block.</param>
/// <param name="UnreadableBytes">Bytes of such sectors.</param>
/// <param name="ReadBytes">Bytes of all blocks that aren't one hole.</param>
internal sealed record NaiveImage(int BlockSize, byte[] Content, bool[] Unreadable, long UnreadableBytes, long ReadBytes)
{
    /// <summary>Blocks that differ from those of a parent in content or readability, or that it doesn't have; all without one.</summary>
    public long ChangedSince(NaiveImage? parent)
    {
        var changed = 0;
        for (var i = 0; i < Unreadable.Length; i++)
        {
            if (parent is null || i >= parent.Unreadable.Length || Unreadable[i] != parent.Unreadable[i]
                || !Block(i).SequenceEqual(parent.Block(i)))
            {
                changed++;
            }
        }

        return changed;
    }

    /// <summary>
    /// The ranges that differ from another image: whole blocks up to the end of the smaller one, and all beyond it.
    /// </summary>
    public List<ByteRange> DifferencesTo(NaiveImage other)
    {
        var small = Math.Min(Content.Length, other.Content.Length);
        var large = Math.Max(Content.Length, other.Content.Length);
        var ranges = new List<ByteRange>();
        for (var at = 0; at < small; at += BlockSize)
        {
            if (!Block(at / BlockSize).SequenceEqual(other.Block(at / BlockSize)))
            {
                Add(at, Math.Min(small, at + BlockSize));
            }
        }

        Add(small, large);
        return ranges;

        void Add(int start, int end)
        {
            if (ranges.Count > 0 && ranges[^1].Offset + ranges[^1].Length == start)
            {
                ranges[^1] = new ByteRange(ranges[^1].Offset, end - ranges[^1].Offset);
            }
            else if (end > start)
            {
                ranges.Add(new ByteRange(start, end - start));
            }
        }
    }

    private byte[] Block(int number)
    {
        var block = new byte[BlockSize];
        var at = number * BlockSize;
        Content.AsSpan(at, Math.Min(BlockSize, Content.Length - at)).CopyTo(block);
        return block;
    }
}

/// <summary>
/// The oracle of histories: a volume as plain arrays, with a flag for each byte that is a hole, kept beside a
/// <see cref="MemoryDevice"/> that is told the same.
/// </summary>
internal sealed class NaiveVolume(MemoryDevice device, int blockSize)
{
    private readonly List<(long Start, long End)> failing = [];
    private byte[] content = device.Content.ToArray();
    private bool[] holes = new bool[device.Length];

    public int Length => content.Length;

    public void Write(int offset, byte[] bytes)
    {
        device.WriteAt(offset, bytes);
        bytes.CopyTo(content, offset);
        Array.Fill(holes, false, offset, bytes.Length);
    }

    /// <summary>What stands there, whether it can be read or not.</summary>
    public byte[] Peek(int offset, int length) => content.AsSpan(offset, length).ToArray();

    public void Trim(int offset, int length)
    {
        device.WriteZeros(offset, length);
        Array.Clear(content, offset, length);
        Array.Fill(holes, true, offset, length);
    }

    public void Resize(int length)
    {
        var old = content.Length;
        device.Resize(length);
        Array.Resize(ref content, length);
        Array.Resize(ref holes, length);
        for (var i = old; i < length; i++)
        {
            holes[i] = true;
        }
    }

    public void Fail(long offset, long length)
    {
        device.Fail(offset, length);
        failing.Add((offset, offset + length));
    }

    public void Heal()
    {
        device.Heal();
        failing.Clear();
    }

    /// <summary>
    /// A source of which nothing can be read is gone and becomes no image (<see cref="Engine.GoneSourceTests"/>): so it is
    /// healed where none of the sectors that are asked then can be read.
    /// </summary>
    public void RequireAnswer()
    {
        var sector = device.Geometry.LogicalSectorSize;
        if (DevicePresence.SpreadOver(content.Length, sector).All(at => failing.Exists(f => f.Start < at + sector && f.End > at)))
        {
            Heal();
        }
    }

    /// <summary>What an image made now must hold.</summary>
    public NaiveImage Image()
    {
        var image = (byte[])content.Clone();
        var unreadable = new bool[(content.Length + blockSize - 1) / blockSize];
        long bad = 0;
        long read = 0;
        var sector = device.Geometry.LogicalSectorSize;
        for (var block = 0; block < unreadable.Length; block++)
        {
            var end = Math.Min(content.Length, (block + 1) * blockSize);
            if (!holes.AsSpan(block * blockSize, end - (block * blockSize)).Contains(false))
            {
                continue;
            }

            read += end - (block * blockSize);
            for (var at = block * blockSize; at < end; at += sector)
            {
                var length = Math.Min(sector, end - at);
                if (failing.Exists(f => f.Start < at + length && f.End > at))
                {
                    SectorBisection.FillPattern(image.AsSpan(at, length));
                    unreadable[block] = true;
                    bad += length;
                }
            }
        }

        return new NaiveImage(blockSize, image, unreadable, bad, read);
    }
}
