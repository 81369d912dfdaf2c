using System.Diagnostics;

namespace Tidemark.Engine.Devices.VirtualDisks.Vhdx;

/// <summary>
/// A file as it will be once its log is replayed: the log's writes lie over it in memory, and the file itself is never
/// written. Behind the file's end it reads as zeros.
/// </summary>
internal sealed class ReplayedFile : BlockDevice
{
    private readonly BlockDevice file;
    private readonly byte[] log;

    /// <summary>Sorted by offset, without overlaps.</summary>
    private readonly List<VhdxLogWrite> writes;

    /// <param name="file">The file, owned from here on.</param>
    /// <param name="log">The memory that the writes point into.</param>
    /// <param name="inOrder">The writes, oldest first; later ones win.</param>
    /// <param name="minLength">The length the file has at least after the replay.</param>
    public ReplayedFile(BlockDevice file, byte[] log, IReadOnlyList<VhdxLogWrite> inOrder, long minLength)
    {
        this.file = file;
        this.log = log;
        writes = Flatten(inOrder);
        var end = writes.Count == 0 ? 0 : writes[^1].End;
        Geometry = file.Geometry with { Length = Math.Max(Math.Max(file.Length, minLength), end) };
    }

    public override string Name => file.Name;

    public override DeviceGeometry Geometry { get; }

    public override void ReadAt(long offset, Span<byte> buffer)
    {
        Debug.Assert(offset >= 0 && offset + buffer.Length <= Length);
        var index = FirstEndingAfter(offset);
        while (!buffer.IsEmpty)
        {
            var write = index < writes.Count ? writes[index] : default;
            int count;
            if (write.Length > 0 && write.Offset <= offset)
            {
                count = (int)Math.Min(buffer.Length, write.End - offset);
                Copy(write, offset, buffer[..count]);
                index++;
            }
            else
            {
                count = (int)Math.Min(buffer.Length, write.Length > 0 ? write.Offset - offset : buffer.Length);
                ReadBelow(offset, buffer[..count]);
            }

            buffer = buffer[count..];
            offset += count;
        }
    }

    public override string? WhyGone(int error) => file.WhyGone(error);

    public override DeviceExtent ExtentAt(long offset)
    {
        Debug.Assert(offset >= 0 && offset < Length);
        var index = FirstEndingAfter(offset);
        if (index < writes.Count && writes[index].Offset <= offset)
        {
            var kind = writes[index].LogPosition == VhdxLogWrite.Zeros ? ExtentKind.Unallocated : ExtentKind.Data;
            return new DeviceExtent(offset, writes[index].End - offset, kind);
        }

        var end = index < writes.Count ? writes[index].Offset : Length;
        if (offset >= file.Length)
        {
            return new DeviceExtent(offset, end - offset, ExtentKind.Unallocated);
        }

        var below = file.ExtentAt(offset);
        return below with { Length = Math.Min(below.Length, end - offset) };
    }

    /// <summary>
    /// The writes cut into pieces that don't overlap, the latest on top: a sweep over the offsets with the open writes
    /// in a heap, latest first.
    /// </summary>
    internal static List<VhdxLogWrite> Flatten(IReadOnlyList<VhdxLogWrite> inOrder)
    {
        var byOffset = Enumerable.Range(0, inOrder.Count).OrderBy(i => inOrder[i].Offset).ToArray();
        var open = new PriorityQueue<int, int>();
        var flat = new List<VhdxLogWrite>(inOrder.Count);
        var next = 0;
        long at = 0;
        while (true)
        {
            while (open.Count > 0 && inOrder[open.Peek()].End <= at)
            {
                open.Dequeue();
            }

            if (open.Count == 0)
            {
                if (next == byOffset.Length)
                {
                    return flat;
                }

                at = inOrder[byOffset[next]].Offset;
            }

            while (next < byOffset.Length && inOrder[byOffset[next]].Offset <= at)
            {
                open.Enqueue(byOffset[next], -byOffset[next]);
                next++;
            }

            // The latest may have been opened before an earlier one that ends first; ended ones are dropped lazily.
            while (inOrder[open.Peek()].End <= at)
            {
                open.Dequeue();
            }

            var top = inOrder[open.Peek()];
            var end = next < byOffset.Length ? Math.Min(top.End, inOrder[byOffset[next]].Offset) : top.End;
            var position = top.LogPosition == VhdxLogWrite.Zeros
                ? VhdxLogWrite.Zeros
                : top.LogPosition + (int)(at - top.Offset);
            flat.Add(new VhdxLogWrite(at, end - at, position));
            at = end;
        }
    }

    protected override void Dispose(bool disposing)
    {
        file.Dispose();
        base.Dispose(disposing);
    }

    private void Copy(VhdxLogWrite write, long offset, Span<byte> buffer)
    {
        if (write.LogPosition == VhdxLogWrite.Zeros)
        {
            buffer.Clear();
        }
        else
        {
            log.AsSpan(write.LogPosition + (int)(offset - write.Offset), buffer.Length).CopyTo(buffer);
        }
    }

    private void ReadBelow(long offset, Span<byte> buffer)
    {
        var held = (int)Math.Clamp(file.Length - offset, 0, buffer.Length);
        if (held > 0)
        {
            file.ReadAt(offset, buffer[..held]);
        }

        buffer[held..].Clear();
    }

    private int FirstEndingAfter(long offset)
    {
        var low = 0;
        var high = writes.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (writes[middle].End <= offset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
