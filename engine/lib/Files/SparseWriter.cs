namespace Tidemark.Engine.Files;

/// <summary>A stream into a new file that leaves holes where whole stretches are zero. Written front to back.</summary>
internal sealed class SparseWriter(FileStream file) : Stream
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
                RandomAccess.Write(file.SafeFileHandle, buffer[..length], end);
            }

            end += length;
            buffer = buffer[length..];
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>Gives the file its length, which ends in a hole perhaps.</summary>
    public override void Flush() => RandomAccess.SetLength(file.SafeFileHandle, end);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static int Next(ReadOnlySpan<byte> buffer, long at) => (int)Math.Min(buffer.Length, Stretch - (at % Stretch));
}
