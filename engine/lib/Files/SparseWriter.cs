namespace Tidemark.Engine.Files;

/// <summary>A stream into a new file that leaves holes where whole stretches are zero. Written front to back.</summary>
/// <param name="file">The file.</param>
/// <param name="path">What messages call it.</param>
internal sealed class SparseWriter(FileStream file, string path) : Stream
{
    /// <summary>The block of most file systems: a shorter hole saves nothing.</summary>
    private const int Stretch = 4096;

    private long end;

    /// <summary>Bytes that were given.</summary>
    public override long Length => end;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Position
    {
        get => end;
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            // Up to the next stretch's begin, and then one after another; neighbours with data go out together.
            var length = Next(buffer, end);
            var isZero = !buffer[..length].ContainsAnyExcept((byte)0);
            while (length < buffer.Length)
            {
                var more = Next(buffer[length..], end + length);
                if (!buffer.Slice(length, more).ContainsAnyExcept((byte)0) != isZero)
                {
                    break;
                }

                length += more;
            }

            if (!isZero)
            {
                Put(buffer[..length]);
            }

            end += length;
            buffer = buffer[length..];
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>Gives the file its length, which ends in a hole perhaps.</summary>
    /// <exception cref="TidemarkException">The target can't take it.</exception>
    public override void Flush()
    {
        try
        {
            RandomAccess.SetLength(file.SafeFileHandle, end);
        }
        catch (IOException e)
        {
            throw Failure(e);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void Put(ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(file.SafeFileHandle, bytes, end);
        }
        catch (IOException e)
        {
            throw Failure(e);
        }
    }

    // The target's own, so that nobody takes it for the source's.
    private TargetFileException Failure(IOException e) => new(path, e);

    private static int Next(ReadOnlySpan<byte> buffer, long at) => (int)Math.Min(buffer.Length, Stretch - (at % Stretch));
}
