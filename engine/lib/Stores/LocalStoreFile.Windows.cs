using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Tidemark.Engine.Io;

namespace Tidemark.Engine.Stores;

/// <summary>A file of a local folder, read through the system's cache.</summary>
internal sealed class WindowsStoreFile(string path, SafeFileHandle file, long length) : StoreFile
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
                var moved = WindowsFileCalls.Read(file, start + done, (uint)(buffer.Length - done), offset + done);
                if (moved < 0)
                {
                    throw WindowsStoreError.For("read", path, (int)-moved);
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

    public override void Dispose() => file.Dispose();
}
