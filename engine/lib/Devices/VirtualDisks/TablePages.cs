using System.Buffers.Binary;
using System.Diagnostics;
using System.Numerics;

namespace Tidemark.Engine.Devices.VirtualDisks;

/// <summary>
/// A small cache of pages of a file that doesn't change, for allocation tables and sector bitmaps: a table of a disk
/// of 64 TiB has 512 MiB and is never loaded whole. Pages are taken when first needed and reused after that. One short
/// lock guards it, which is taken once per block of the disk (512 KiB to 256 MiB) and so costs nothing beside the read.
/// </summary>
internal sealed class TablePages
{
    private readonly BlockDevice file;
    private readonly int pageSize;
    private readonly byte[]?[] pages;
    private readonly long[] numbers;
    private readonly Lock gate = new();

    /// <param name="file">The file that holds the tables.</param>
    /// <param name="pageSize">Bytes of a page, a power of two.</param>
    /// <param name="pageCount">Pages held at most, a power of two.</param>
    public TablePages(BlockDevice file, int pageSize, int pageCount)
    {
        Debug.Assert(BitOperations.IsPow2(pageSize) && BitOperations.IsPow2(pageCount));
        this.file = file;
        this.pageSize = pageSize;
        pages = new byte[pageCount][];
        numbers = new long[pageCount];
        Array.Fill(numbers, -1);
    }

    /// <summary>Reads a big-endian value that lies within the file and doesn't straddle pages.</summary>
    public uint ReadUInt32BigEndian(long offset)
    {
        Span<byte> value = stackalloc byte[sizeof(uint)];
        Read(offset, value);
        return BinaryPrimitives.ReadUInt32BigEndian(value);
    }

    /// <summary>Reads a little-endian value that lies within the file and doesn't straddle pages.</summary>
    public ulong ReadUInt64LittleEndian(long offset)
    {
        Span<byte> value = stackalloc byte[sizeof(ulong)];
        Read(offset, value);
        return BinaryPrimitives.ReadUInt64LittleEndian(value);
    }

    /// <summary>Fills <paramref name="destination"/> from a range that lies within the file.</summary>
    /// <exception cref="DeviceIoException">The file can't be read there.</exception>
    public void Read(long offset, Span<byte> destination)
    {
        Debug.Assert(offset >= 0 && offset + destination.Length <= file.Length);
        lock (gate)
        {
            while (!destination.IsEmpty)
            {
                var within = (int)(offset & (pageSize - 1));
                var count = Math.Min(pageSize - within, destination.Length);
                Page(offset - within).AsSpan(within, count).CopyTo(destination);
                destination = destination[count..];
                offset += count;
            }
        }
    }

    private byte[] Page(long offset)
    {
        // Fibonacci hashing: bitmaps of neighbouring blocks lie a power of two apart and would share one slot.
        var number = offset / pageSize;
        var slot = (int)(((ulong)number * 0x9E3779B97F4A7C15) >> 32) & (pages.Length - 1);
        var page = pages[slot] ??= new byte[pageSize];
        if (numbers[slot] != number)
        {
            numbers[slot] = -1;
            file.ReadAt(offset, page.AsSpan(0, (int)Math.Min(pageSize, file.Length - offset)));
            numbers[slot] = number;
        }

        return page;
    }
}
