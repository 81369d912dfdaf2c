using System.Diagnostics;
using Tidemark.Engine.Io;

namespace Tidemark.Engine.Devices.VirtualDisks.Writing;

/// <summary>
/// Writes of a disk through the queue of the file that it is laid out in. A write that has one place in the file goes there
/// as it is, and stays as fast as the file; of others the further places are written where they are submitted. Units of
/// zeros get no place, so that the file depends on the disk's content alone.
/// </summary>
internal sealed class PlacedQueue(DiskWriter writer, BlockDevice file, IoQueue inner) : IoQueue
{
    private readonly SlotRing done = new(inner.Depth);
    private readonly int[] lengths = new int[inner.Depth];

    public override string Kind => inner.Kind;

    public override string? Note => inner.Note;

    public override int Depth => inner.Depth;

    public override int BufferSize => inner.BufferSize;

    public override int InFlight => inner.InFlight + done.Count;

    public override Span<byte> Buffer(int slot) => inner.Buffer(slot);

    public override void SubmitRead(int slot, long offset, int length) =>
        throw new NotSupportedException("A disk that is being laid out can't be read.");

    /// <exception cref="DeviceIoException">One of several places couldn't be written.</exception>
    public override void SubmitWrite(int slot, long offset, int length)
    {
        Debug.Assert(length > 0 && length <= BufferSize && offset >= 0 && offset + length <= writer.Size);
        var buffer = Buffer(slot)[..length];

        // The first place is put off, so that it can be all of the write.
        var first = (From: 0, Place: 0L, Length: 0);
        for (var at = 0; at < length;)
        {
            var part = PartOf(offset + at, length - at);
            if (writer.Unit > 0 && !buffer.Slice(at, part).ContainsAnyExcept((byte)0))
            {
                writer.Zeros(offset + at, part);
                at += part;
                continue;
            }

            var place = writer.Place(offset + at, part, out var run);
            Debug.Assert(run > 0 && run <= part);
            if (first.Length == 0 && at == 0)
            {
                first = (0, place, run);
            }
            else if (first.Length == at && first.Place + first.Length == place)
            {
                first.Length += run;
            }
            else
            {
                file.WriteAt(place, buffer.Slice(at, run));
            }

            at += run;
        }

        lengths[slot] = length;
        if (first.Length > 0)
        {
            inner.SubmitWrite(slot, first.Place, first.Length);
        }
        else
        {
            done.Put(slot);
        }
    }

    public override int Reap(Span<IoCompletion> completions, bool wait)
    {
        Debug.Assert(completions.Length > 0);
        var taken = 0;
        while (done.Count > 0 && taken < completions.Length)
        {
            var slot = done.Take();
            completions[taken++] = new IoCompletion(slot, lengths[slot], 0);
        }

        if (taken < completions.Length && inner.InFlight > 0)
        {
            var more = inner.Reap(completions[taken..], wait && taken == 0);
            for (var i = taken; i < taken + more; i++)
            {
                var (slot, _, error) = completions[i];
                completions[i] = new IoCompletion(slot, error == 0 ? lengths[slot] : 0, error);
            }

            taken += more;
        }

        return taken;
    }

    protected override void Dispose(bool disposing) => inner.Dispose();

    /// <summary>How far the unit goes that an offset lies in, at most <paramref name="length"/>.</summary>
    private int PartOf(long offset, int length) =>
        writer.Unit == 0 ? length : (int)Math.Min(length, writer.Unit - (offset % writer.Unit));
}
