using System.Diagnostics;

namespace Tidemark.Engine.Io;

/// <summary>
/// Aligned buffers for positional transfers whose own memory or range isn't aligned. Any thread rents; a few buffers are
/// kept, more are made when more threads than that are at it.
/// </summary>
internal sealed class BouncePool : IDisposable
{
    /// <summary>Large enough for the parsers' reads in one go, small enough to keep.</summary>
    public const int BufferSize = 256 * 1024;

    /// <summary>Buffers kept at most, 1 MiB in all.</summary>
    private const int Kept = 4;

    private readonly Stack<AlignedMemory> free = new(Kept);
    private bool disposed;

    public AlignedMemory Rent()
    {
        lock (free)
        {
            Debug.Assert(!disposed);
            return free.TryPop(out var buffer) ? buffer : new AlignedMemory(BufferSize);
        }
    }

    public void Return(AlignedMemory buffer)
    {
        Debug.Assert(buffer.Length == BufferSize);
        lock (free)
        {
            if (!disposed && free.Count < Kept)
            {
                free.Push(buffer);
                return;
            }
        }

        buffer.Dispose();
    }

    public void Dispose()
    {
        lock (free)
        {
            disposed = true;
            while (free.TryPop(out var buffer))
            {
                buffer.Dispose();
            }
        }
    }
}
