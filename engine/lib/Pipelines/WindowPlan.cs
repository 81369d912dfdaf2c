using System.Diagnostics;
using Tidemark.Engine.Format;
using Tidemark.Engine.Index;

namespace Tidemark.Engine.Pipelines;

/// <summary>A piece of a window: blocks in one state, and for stored ones where they are.</summary>
/// <param name="FirstInWindow">The piece's first block, counted from the window's.</param>
/// <param name="Layer">The image in the lineage, 0 the newest.</param>
internal readonly record struct WindowPiece(
    int FirstInWindow, int Count, BlockState State, int Layer, FrameRef Frame, int BlockInFrame);

/// <summary>
/// What a window of consecutive blocks is made of: pure data, planned from the merged index without reading a frame.
/// Reused from window to window.
/// </summary>
internal sealed class WindowPlan(int maxBlocks)
{
    private readonly WindowPiece[] pieces = new WindowPiece[maxBlocks];
    private readonly UInt128[] hashes = new UInt128[maxBlocks];
    private int pieceCount;

    public long FirstBlock { get; private set; }

    /// <summary>Blocks added so far.</summary>
    public int Blocks { get; private set; }

    public ReadOnlySpan<WindowPiece> Pieces => pieces.AsSpan(0, pieceCount);

    /// <summary>Blocks of which sectors couldn't be read when they were imaged.</summary>
    public int UnreadableBlocks { get; private set; }

    /// <summary>The identity hashes of a stored piece, one a block.</summary>
    public ReadOnlySpan<UInt128> HashesOf(in WindowPiece piece) => hashes.AsSpan(piece.FirstInWindow, piece.Count);

    public void Begin(long firstBlock)
    {
        FirstBlock = firstBlock;
        Blocks = 0;
        pieceCount = 0;
        UnreadableBlocks = 0;
    }

    /// <summary>Adds the extent that follows; extents without content have no hashes.</summary>
    public void Add(in MergedExtent extent, ReadOnlySpan<UInt128> runHashes)
    {
        Debug.Assert(extent.First == FirstBlock + Blocks && Blocks + extent.Count <= maxBlocks);
        pieces[pieceCount++] = new WindowPiece(Blocks, (int)extent.Count, extent.State, extent.Layer, extent.Frame, extent.BlockInFrame);
        runHashes.CopyTo(hashes.AsSpan(Blocks));
        UnreadableBlocks += extent.State == BlockState.Unreadable ? (int)extent.Count : 0;
        Blocks += (int)extent.Count;
    }
}
