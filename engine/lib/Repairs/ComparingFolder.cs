using System.Diagnostics;
using Tidemark.Engine.Format;
using Tidemark.Engine.Images;
using Tidemark.Engine.Stores;
using Tidemark.Engine.Stores.Layers;

namespace Tidemark.Engine.Repairs;

/// <summary>
/// Takes an image as it should be, written front to back, and keeps in a repair file only what its files lack or have
/// otherwise.
/// </summary>
internal sealed class ComparingFolder(StoreFolder folder, RawPayload payload, StoreWriter repair) : LayeredFolder(folder)
{
    private readonly List<RepairPiece> pieces = [];
    private readonly List<long> lengths = [];
    private Action? compare;

    /// <summary>The pieces so far, by part and offset.</summary>
    public IReadOnlyList<RepairPiece> Pieces => pieces;

    /// <summary>Bytes of each part, once all is written.</summary>
    public IReadOnlyList<long> Lengths => lengths;

    /// <summary>
    /// What comes next is a copy of what the files have, and stays lost where that can't be read; without it, what can't
    /// be read is taken from here.
    /// </summary>
    public bool Copies
    {
        get;
        set
        {
            compare?.Invoke();
            field = value;
        }
    }

    public override StoreWriter Create(string name)
    {
        var parsed = ImageNames.TryParse(name, out _, out var part);
        Debug.Assert(parsed && part == lengths.Count);
        lengths.Add(0);
        var writer = new ComparingWriter(this, payload.Part(part), part);
        compare = writer.Compare;
        return writer;
    }

    // The writer of a payload deletes what it made and didn't commit; here it made nothing.
    public override void Delete(string name)
    {
    }

    private void Keep(int part, long offset, ReadOnlySpan<byte> bytes)
    {
        if (pieces.Count == RepairFile.MaxPieces)
        {
            throw TidemarkException.Failed($"So much of {Name}'s image is damaged that no repair file can hold it. Bring it back from a copy.");
        }

        pieces.Add(new RepairPiece(part, offset, bytes.Length, repair.Position, Layout.Digest(bytes)));
        repair.Append(bytes);
    }

    private sealed class ComparingWriter(ComparingFolder owner, StoreFile? file, int part) : StoreWriter
    {
        /// <summary>What differs is kept in multiples of this: a flipped bit costs no more, and pieces stay few.</summary>
        private const int Cell = 256;

        private readonly byte[] held = new byte[RepairFile.MaxPiece];
        private readonly byte[] there = new byte[RepairFile.MaxPiece];
        private int count;
        private long compared;

        public override long Position => compared + count;

        public override void Append(ReadOnlySpan<byte> data)
        {
            while (!data.IsEmpty)
            {
                // A part's first page stands alone: no copy, whatever it lies between.
                var room = (compared == 0 ? ImageFormat.HeaderSize : held.Length) - count;
                var now = Math.Min(data.Length, room);
                data[..now].CopyTo(held.AsSpan(count));
                count += now;
                data = data[now..];
                if (now == room)
                {
                    Compare();
                }
            }

            owner.lengths[part] = Position;
        }

        public override void Settle() => Compare();

        public override StoreFile? OpenWritten() => null;

        public override void Complete(bool withNext = false) => Compare();

        public override void Dispose()
        {
        }

        public void Compare()
        {
            var its = there.AsSpan(0, count);
            var all = !RawPayload.ReadFile(file, compared, its) && (!owner.Copies || compared == 0);
            for (var at = 0; at < count;)
            {
                var end = at;
                while (end < count && (all || Differs(end)))
                {
                    end = Math.Min(count, end + Cell);
                }

                if (end > at)
                {
                    owner.Keep(part, compared + at, held.AsSpan(at, end - at));
                    at = end;
                }
                else
                {
                    at += Cell;
                }
            }

            compared += count;
            count = 0;
        }

        private bool Differs(int at)
        {
            var length = Math.Min(Cell, count - at);
            return !held.AsSpan(at, length).SequenceEqual(there.AsSpan(at, length));
        }
    }
}
