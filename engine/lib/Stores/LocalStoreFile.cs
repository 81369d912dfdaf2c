using System.Diagnostics;

namespace Tidemark.Engine.Stores;

/// <summary>A file of a local folder, read through the system's cache.</summary>
internal abstract class LocalStoreFile(string path, long length) : StoreFile
{
    public override string Name => path;

    public override long Length => length;

    public override unsafe void ReadAt(long offset, Span<byte> buffer, CancellationToken cancellation)
    {
        Debug.Assert(offset >= 0);
        fixed (byte* start = buffer)
        {
            var done = 0;
            while (done < buffer.Length)
            {
                var moved = Read(start + done, buffer.Length - done, offset + done);
                if (moved < 0)
                {
                    throw Error("read", (int)-moved);
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

    /// <summary>One call of the system: bytes moved, or the negative error.</summary>
    protected abstract unsafe long Read(byte* buffer, int length, long offset);

    protected abstract TidemarkException Error(string verb, int error);
}
