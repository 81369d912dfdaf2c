namespace Tidemark.Engine.Stores.Layers;

/// <summary>An object of a <see cref="ReadAheadFolder"/>.</summary>
internal sealed class ReadAheadFile(StoreFile file, ReadAheadPieces pieces) : LayeredFile(file)
{
    /// <summary>So many pieces one after the other are a walk, and the next ones are fetched before they are asked for.</summary>
    private const int Walk = 3;

    private long lastPiece = -2;
    private int inRow;

    public override bool TakesHints => true;

    /// <summary>Where its bytes come from.</summary>
    public StoreFile Source => Behind;

    public override void ReadAt(long offset, Span<byte> buffer, CancellationToken cancellation)
    {
        if (buffer.Length >= pieces.PieceSize || offset < 0 || buffer.Length > Length - offset)
        {
            // It is a request's worth by itself; or beyond the end, which the store has the words for.
            Behind.ReadAt(offset, buffer, cancellation);
            return;
        }

        while (!buffer.IsEmpty)
        {
            var (piece, at) = Math.DivRem(offset, pieces.PieceSize);
            var count = (int)Math.Min(buffer.Length, pieces.PieceSize - at);
            if (!pieces.TryRead(this, piece, (int)at, buffer[..count], cancellation))
            {
                // What lies around it can't be read, or there is no room.
                Behind.ReadAt(offset, buffer[..count], cancellation);
            }

            Note(piece);
            offset += count;
            buffer = buffer[count..];
        }
    }

    public override void Expect(long offset, long length)
    {
        if (offset >= 0 && offset < Length && length > 0)
        {
            var end = Math.Min(Length, offset > long.MaxValue - length ? long.MaxValue : offset + length);
            pieces.Fetch(this, offset / pieces.PieceSize, ((end - 1) / pieces.PieceSize) + 1);
        }
    }

    public override void Dispose()
    {
        pieces.Forget(this);
        base.Dispose();
    }

    // Several threads may read; a row that one of them breaks for another costs a wait at most.
    private void Note(long piece)
    {
        if (piece == lastPiece)
        {
            return;
        }

        inRow = piece == lastPiece + 1 ? inRow + 1 : 1;
        lastPiece = piece;
        if (inRow >= Walk)
        {
            Expect((piece + 1) * pieces.PieceSize, ReadAheadPieces.RequestPieces * (long)pieces.PieceSize);
        }
    }
}
