using System.Diagnostics;
using System.Runtime.InteropServices;
using Tidemark.Engine.Format;

namespace Tidemark.Engine.Writing;

/// <summary>Collects the runs of one leaf until it is full.</summary>
internal sealed class LeafBuilder
{
    private readonly byte[] runs = new byte[PageHeader.MaxBody];
    private readonly UInt128[] hashes = new UInt128[PageHeader.MaxBody / ImageFormat.DigestSize];
    private int runBytes;
    private int hashCount;
    private FrameRef frame;
    private int nextInFrame;

    public int Entries { get; private set; }

    public long FirstBlock { get; private set; }

    public long EndBlock { get; private set; }

    private int Free => PageHeader.MaxBody - runBytes - (hashCount * ImageFormat.DigestSize);

    /// <summary>Adds the run or its beginning; returns how many of its blocks were taken, 0 when the page is full.</summary>
    public long Add(in IndexRun run, ReadOnlySpan<UInt128> runHashes)
    {
        Debug.Assert(run.Count > 0);
        Debug.Assert(Entries == 0 || run.First >= EndBlock, "runs come in block order");
        Debug.Assert(run.State.IsStored() ? runHashes.Length == run.Count : run.State != BlockState.Absent);
        var room = Free - LeafPage.MaxRunSize;
        var count = run.State.IsStored() ? Math.Min(run.Count, room / ImageFormat.DigestSize) : run.Count;
        if (room < 0 || count <= 0)
        {
            return 0;
        }

        if (Entries == 0)
        {
            FirstBlock = EndBlock = run.First;
        }

        Varint.Write(runs, ref runBytes, run.First - EndBlock);
        Varint.Write(runs, ref runBytes, count);
        if (run.State.IsStored())
        {
            WritePlace(run);
            runHashes[..(int)count].CopyTo(hashes.AsSpan(hashCount));
            hashCount += (int)count;
            nextInFrame = run.BlockInFrame + (int)count;
        }
        else
        {
            runs[runBytes++] = (byte)run.State;
        }

        EndBlock = run.First + count;
        Entries++;
        return count;
    }

    /// <summary>Writes header and body, not yet sealed, and starts over; returns the header.</summary>
    public PageHeader Finish(Span<byte> page, Guid imageId, long ordinal)
    {
        Debug.Assert(Entries > 0);
        var hashBytes = MemoryMarshal.AsBytes(hashes.AsSpan(0, hashCount));
        var header = new PageHeader(
            0, Entries, imageId, ordinal, FirstBlock, EndBlock, runBytes + hashBytes.Length, hashCount);
        header.Write(page);
        runs.AsSpan(0, runBytes).CopyTo(page[PageHeader.Size..]);
        hashBytes.CopyTo(page[(PageHeader.Size + runBytes)..]);
        Entries = 0;
        runBytes = hashCount = nextInFrame = 0;
        frame = default;
        return header;
    }

    private void WritePlace(in IndexRun run)
    {
        var control = (int)run.State;
        if (run.Frame == frame && run.BlockInFrame == nextInFrame)
        {
            runs[runBytes++] = (byte)control;
            return;
        }

        var skip = run.Frame.Offset - (frame.Offset + frame.Length);
        Debug.Assert(skip >= 0, "frames are written in the order of their runs");
        control |= LeafPage.NewFrame | (run.BlockInFrame > 0 ? LeafPage.InsideFrame : 0);
        runs[runBytes++] = (byte)control;
        Varint.Write(runs, ref runBytes, skip);
        Varint.Write(runs, ref runBytes, run.Frame.Length);
        if (run.BlockInFrame > 0)
        {
            Varint.Write(runs, ref runBytes, run.BlockInFrame);
        }

        frame = run.Frame;
    }
}
