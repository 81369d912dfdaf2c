using System.Diagnostics;

namespace Tidemark.Engine.Stores.Layers;

/// <summary>
/// The pieces of a folder's objects that came in: so many at most, the longest unused out first. A piece that several ask for
/// is fetched once, by the first of them; what was announced is fetched by threads of its own, as many as the store likes
/// transfers in flight.
/// </summary>
internal sealed class ReadAheadPieces : IDisposable
{
    /// <summary>
    /// Pieces of one request. A quarter of a request's worth is what a page in the midst of nothing costs at most, and pages
    /// that lie together come in whole requests.
    /// </summary>
    public const int RequestPieces = 4;

    /// <summary>More than a lineage has images, each of which is read at a place of its own; with pieces of 256 KiB 64 MiB.</summary>
    private const int MaxPieces = 256;

    private readonly Lock turn = new();
    private readonly object gate = new();
    private readonly Dictionary<(ReadAheadFile File, long Index), Piece> pieces = [];
    private readonly Stack<byte[]> free = [];
    private readonly Queue<(ReadAheadFile File, long First, Piece[] Pieces)> work = [];
    private readonly int concurrency;
    private Thread[] threads = [];
    private int made;
    private long clock;
    private bool stop;

    public ReadAheadPieces(in StoreTraits traits)
    {
        PieceSize = Math.Max(4096, traits.RequestBytes / RequestPieces);
        concurrency = Math.Max(1, traits.Concurrency);
    }

    public int PieceSize { get; }

    /// <summary>Copies bytes of a piece, which is fetched where it isn't there; false if it can't be.</summary>
    public bool TryRead(ReadAheadFile file, long index, int at, Span<byte> target, CancellationToken cancellation)
    {
        Piece? piece;
        lock (gate)
        {
            if (!pieces.TryGetValue((file, index), out piece))
            {
                piece = TryBegin(file, index);
                if (piece is null)
                {
                    return false;
                }
            }
            else
            {
                while (piece.State == PieceState.Fetching)
                {
                    // The one who fetches it ends in any case; this one needn't wait for that.
                    Monitor.Wait(gate, TimeSpan.FromMilliseconds(100));
                    cancellation.ThrowIfCancellationRequested();
                }

                return Copy(piece, at, target);
            }
        }

        Fill(file, index, [piece], piece.Bytes!.AsSpan(0, piece.Length), cancellation);
        lock (gate)
        {
            return Copy(piece, at, target);
        }
    }

    /// <summary>Has pieces come in that aren't there, as far as there is room for them.</summary>
    public void Fetch(ReadAheadFile file, long first, long end)
    {
        // More would push out what was announced before.
        end = Math.Min(end, first + (MaxPieces / 4));
        lock (gate)
        {
            for (var index = first; index < end && !stop;)
            {
                var run = new List<Piece>(RequestPieces);
                var from = index;
                while (index < end && run.Count < RequestPieces && !pieces.ContainsKey((file, index)) && TryBegin(file, index) is { } piece)
                {
                    run.Add(piece);
                    index++;
                }

                if (run.Count == 0)
                {
                    index++;
                    continue;
                }

                work.Enqueue((file, from, [.. run]));
                Monitor.PulseAll(gate);
            }
        }

        Start();
    }

    /// <summary>Lets go of all pieces of an object, and waits for those that come in just now.</summary>
    public void Forget(ReadAheadFile file)
    {
        lock (gate)
        {
            while (pieces.Any(p => p.Key.File == file && p.Value.State == PieceState.Fetching))
            {
                Monitor.Wait(gate);
            }

            foreach (var (key, piece) in pieces.Where(p => p.Key.File == file).ToList())
            {
                LetGo(key, piece);
            }
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            stop = true;
            Monitor.PulseAll(gate);
        }

        foreach (var thread in threads)
        {
            thread.Join();
        }
    }

    /// <summary>False where the piece couldn't be read, or made room for another since.</summary>
    private bool Copy(Piece piece, int at, Span<byte> target)
    {
        if (piece.State != PieceState.Ready)
        {
            return false;
        }

        Debug.Assert(at + target.Length <= piece.Length);
        piece.Used = ++clock;
        piece.Bytes.AsSpan(at, target.Length).CopyTo(target);
        return true;
    }

    private void LetGo((ReadAheadFile File, long Index) key, Piece piece)
    {
        pieces.Remove(key);
        free.Push(piece.Bytes!);
        piece.State = PieceState.Gone;
    }

    /// <summary>A piece that is to be fetched by who asked for it; null where there is no room.</summary>
    private Piece? TryBegin(ReadAheadFile file, long index)
    {
        var length = Math.Min(PieceSize, file.Length - (index * PieceSize));
        if (length <= 0)
        {
            return null;
        }

        if (free.Count == 0 && made == MaxPieces)
        {
            var (oldest, used) = (default((ReadAheadFile File, long Index)), long.MaxValue);
            foreach (var (key, piece) in pieces)
            {
                if (piece.State == PieceState.Ready && piece.Used < used)
                {
                    (oldest, used) = (key, piece.Used);
                }
            }

            if (used == long.MaxValue)
            {
                return null;
            }

            LetGo(oldest, pieces[oldest]);
        }

        if (!free.TryPop(out var bytes))
        {
            bytes = new byte[PieceSize];
            made++;
        }

        var begun = new Piece { Bytes = bytes, Length = (int)length, Used = ++clock };
        pieces.Add((file, index), begun);
        return begun;
    }

    /// <summary>Reads pieces that lie one after the other in one request.</summary>
    private void Fill(ReadAheadFile file, long first, ReadOnlySpan<Piece> run, Span<byte> buffer, CancellationToken cancellation)
    {
        var done = false;
        try
        {
            file.Source.ReadAt(first * PieceSize, buffer, cancellation);
            done = true;
        }
        catch (TidemarkException)
        {
            // Whoever wants a part of it reads that part alone, and is told by that what is wrong.
        }
        finally
        {
            lock (gate)
            {
                for (var i = 0; i < run.Length; i++)
                {
                    var piece = run[i];
                    if (done)
                    {
                        // Nothing moves where it was read into the piece itself.
                        buffer.Slice(i * PieceSize, piece.Length).CopyTo(piece.Bytes);
                        piece.State = PieceState.Ready;
                    }
                    else
                    {
                        LetGo((file, first + i), piece);
                    }
                }

                Monitor.PulseAll(gate);
            }
        }
    }

    private void Start()
    {
        lock (turn)
        {
            if (threads.Length == 0)
            {
                threads = [.. Enumerable.Range(0, concurrency).Select(i => new Thread(Work) { IsBackground = true, Name = $"read ahead {i}" })];
                Array.ForEach(threads, thread => thread.Start());
            }
        }
    }

    private void Work()
    {
        var buffer = new byte[RequestPieces * PieceSize];
        while (true)
        {
            (ReadAheadFile File, long First, Piece[] Pieces) run;
            lock (gate)
            {
                while (!stop && work.Count == 0)
                {
                    Monitor.Wait(gate);
                }

                if (!work.TryDequeue(out run))
                {
                    return;
                }
            }

            Fill(run.File, run.First, run.Pieces, buffer.AsSpan(0, run.Pieces.Sum(p => p.Length)), default);
        }
    }

    private enum PieceState
    {
        Fetching,
        Ready,
        Gone,
    }

    private sealed class Piece
    {
        public PieceState State { get; set; }

        public byte[]? Bytes { get; init; }

        public int Length { get; init; }

        public long Used { get; set; }
    }
}
