using System.Diagnostics;

namespace Tidemark.Engine.Devices.VirtualDisks.Writing;

/// <summary>
/// Writes a table of a new file from front to back through one small buffer: entries come in ascending order, and what is
/// left out holds the filling.
/// </summary>
/// <param name="file">The file, which reaches over the table.</param>
/// <param name="offset">Where the table begins.</param>
/// <param name="filling">Every byte of an entry that is left out; zeros aren't written, since a new file holds them.</param>
internal sealed class TableWriter(BlockDevice file, long offset, byte filling)
{
    /// <summary>Bytes written at once; a power of two, so that no entry straddles two.</summary>
    private const int PageSize = 64 << 10;

    private readonly byte[] page = NewPage(filling);
    private long pageAt;
    private bool touched;

    /// <summary>The bytes of an entry, to be set; valid until the next call.</summary>
    /// <param name="position">Bytes from the table's start; never before a page that was left.</param>
    public Span<byte> Entry(long position, int length)
    {
        var within = (int)(position & (PageSize - 1));
        Debug.Assert(position >= pageAt && within + length <= PageSize);
        GoTo(position - within);
        touched = true;
        return page.AsSpan(within, length);
    }

    /// <summary>Copies bytes that may straddle pages.</summary>
    public void Write(long position, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var count = Math.Min(bytes.Length, PageSize - (int)(position & (PageSize - 1)));
            bytes[..count].CopyTo(Entry(position, count));
            bytes = bytes[count..];
            position += count;
        }
    }

    /// <summary>Writes what is left, up to the table's length in bytes.</summary>
    public void Complete(long length)
    {
        while (pageAt < length)
        {
            Flush((int)Math.Min(PageSize, length - pageAt));
        }
    }

    private static byte[] NewPage(byte filling)
    {
        var page = new byte[PageSize];
        Array.Fill(page, filling);
        return page;
    }

    private void GoTo(long at)
    {
        while (pageAt < at)
        {
            if (!touched && filling == 0)
            {
                pageAt = at;
                return;
            }

            Flush(PageSize);
        }
    }

    private void Flush(int length)
    {
        if (touched || filling != 0)
        {
            file.WriteAt(offset + pageAt, page.AsSpan(0, length));
        }

        if (touched)
        {
            page.AsSpan().Fill(filling);
            touched = false;
        }

        pageAt += length;
    }
}
