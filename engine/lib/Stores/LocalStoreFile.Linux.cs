using System.Diagnostics;
using Tidemark.Engine.Io;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Stores;

/// <summary>A file of a local folder, read through the page cache.</summary>
internal sealed class LinuxStoreFile(string path, FdHandle fd, long length) : StoreFile
{
    public override string Name => path;

    public override long Length => length;

    public override unsafe void ReadAt(long offset, Span<byte> buffer)
    {
        Debug.Assert(offset >= 0);
        fixed (byte* start = buffer)
        {
            var done = 0;
            while (done < buffer.Length)
            {
                var moved = FileCalls.Read(fd, start + done, (nuint)(buffer.Length - done), offset + done);
                if (moved < 0)
                {
                    throw LocalStoreError.For("read", path, (int)-moved);
                }

                if (moved == 0)
                {
                    throw TidemarkException.Damaged(
                        $"{path} ends at {offset + done}, where {buffer.Length - done} more bytes were expected. " +
                        "It was cut off: bring it back from a copy.");
                }

                done += (int)moved;
            }
        }
    }

    public override void Dispose() => fd.Dispose();
}
