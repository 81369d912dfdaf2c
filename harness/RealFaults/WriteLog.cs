using System.Buffers.Binary;
using System.Text;

namespace Tidemark.Harness.RealFaults;

/// <summary>What dm-log-writes recorded (drivers/md/dm-log-writes.c of Linux: struct log_write_super and log_write_entry).</summary>
internal sealed class WriteLog
{
    private const ulong Magic = 0x6a736677736872;
    private const int Sector = 512;

    // Bits of an entry's flags.
    private const ulong Flush = 1;
    private const ulong Fua = 2;
    private const ulong Discard = 4;
    private const ulong Mark = 8;

    private WriteLog(List<Entry> entries) => Entries = entries;

    public IReadOnlyList<Entry> Entries { get; }

    public static WriteLog Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read);
        var header = new byte[Sector];
        file.ReadExactly(header);
        if (BinaryPrimitives.ReadUInt64LittleEndian(header) != Magic)
        {
            throw new InvalidDataException($"{path} is no log of dm-log-writes.");
        }

        var count = BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(16));
        var sectorSize = (int)BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(24));
        var entries = new List<Entry>();
        long at = sectorSize;
        for (ulong i = 0; i < count; i++)
        {
            file.Position = at;
            var head = new byte[sectorSize];
            file.ReadExactly(head);
            var flags = BinaryPrimitives.ReadUInt64LittleEndian(head.AsSpan(16));
            var length = BinaryPrimitives.ReadUInt64LittleEndian(head.AsSpan(24));
            var bytes = checked((long)BinaryPrimitives.ReadUInt64LittleEndian(head.AsSpan(8)) * sectorSize);
            at += sectorSize;
            if ((flags & Mark) != 0)
            {
                entries.Add(new Entry { Name = Encoding.ASCII.GetString(head, 32, (int)length).TrimEnd('\0') });
                continue;
            }

            var data = new byte[(flags & Discard) != 0 ? 0 : bytes];
            file.ReadExactly(data);
            at += data.Length;
            entries.Add(new Entry
            {
                Offset = checked((long)BinaryPrimitives.ReadUInt64LittleEndian(head) * sectorSize),
                Data = data,
                DiscardedBytes = (flags & Discard) != 0 ? bytes : 0,
                IsFlush = (flags & Flush) != 0,
                IsFua = (flags & Fua) != 0,
            });
        }

        return new WriteLog(entries);
    }

    /// <summary>A write in the order in which it was done, or a mark.</summary>
    internal sealed record Entry
    {
        public string? Name { get; init; }

        public long Offset { get; init; }

        public byte[] Data { get; init; } = [];

        public long DiscardedBytes { get; init; }

        /// <summary>Everything that was done before it is durable.</summary>
        public bool IsFlush { get; init; }

        /// <summary>It is durable itself.</summary>
        public bool IsFua { get; init; }

        /// <summary>Does it to a copy of the disk; <paramref name="sectors"/> chooses those that got there, null for all.</summary>
        public void Apply(FileStream disk, Func<bool>? sectors = null)
        {
            for (var at = 0; at < Data.Length;)
            {
                var length = sectors is null ? Data.Length : Math.Min(Sector, Data.Length - at);
                if (sectors is null || sectors())
                {
                    disk.Position = Offset + at;
                    disk.Write(Data, at, length);
                }

                at += length;
            }
        }
    }
}
