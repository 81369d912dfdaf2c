using System.Diagnostics;
using Tidemark.Engine.Format;

namespace Tidemark.Engine.Images;

/// <summary>Reads a payload from front to back in large pieces, and tells which of its bytes couldn't be read.</summary>
internal sealed class PayloadWindow
{
    /// <summary>Bytes of one read; several of the largest frames.</summary>
    private const int Size = 4 << 20;

    /// <summary>What is read at a time where a large read failed: a page of any store's disk.</summary>
    private const int Careful = 4096;

    private byte[] buffer = [];
    private ImageReader? image;
    private long start;
    private int length;
    private string? problem;

    public void Begin(ImageReader reader)
    {
        image = reader;
        start = length = 0;
        problem = null;
        var size = (int)Math.Min(Size, reader.PayloadLength + ImageFormat.FooterSize);
        buffer = buffer.Length >= size ? buffer : new byte[size];
    }

    /// <summary>
    /// The bytes from <paramref name="offset"/> on: at least <paramref name="need"/> of them, or as many as there are
    /// before <paramref name="end"/>. What can't be read is filled with zeros, which begin nothing valid.
    /// </summary>
    public ReadOnlySpan<byte> At(long offset, int need, long end)
    {
        Debug.Assert(end <= image!.PayloadLength && need <= Size);
        need = (int)Math.Min(need, end - offset);
        if (offset < start || offset + need > start + length)
        {
            start = offset;
            length = (int)Math.Min(buffer.Length, end - offset);
            Fill();
        }

        return buffer.AsSpan((int)(offset - start), (int)(Math.Min(start + length, end) - offset));
    }

    /// <summary>Why a read failed since this was asked last; null if none did.</summary>
    public string? TakeProblem()
    {
        var last = problem;
        problem = null;
        return last;
    }

    private void Fill()
    {
        if (TryRead(0, length))
        {
            return;
        }

        for (var at = 0; at < length; at += Careful)
        {
            var count = Math.Min(Careful, length - at);
            if (!TryRead(at, count))
            {
                buffer.AsSpan(at, count).Clear();
            }
        }
    }

    private bool TryRead(int at, int count)
    {
        try
        {
            image!.ReadPayload(start + at, buffer.AsSpan(at, count));
            return true;
        }
        catch (TidemarkException e) when (e.Error == TidemarkError.Damaged)
        {
            problem = e.Message;
            return false;
        }
    }
}
