using System.Diagnostics;

namespace Tidemark.Engine.Io;

/// <summary>How deep a queue is and how large its transfers may get.</summary>
/// <param name="Depth">Transfers in flight at most, 1 to 256; also the number of buffers.</param>
/// <param name="BufferSize">Bytes of one buffer and so of one transfer at most; a multiple of 4096.</param>
/// <param name="ThroughCache">Whether to read through the system's page cache where the device could go around it.</param>
internal readonly record struct IoQueueOptions(int Depth, int BufferSize, bool ThroughCache = false)
{
    /// <summary>
    /// 16 transfers of 512 KiB keep an NVMe device and a RAID set busy, and their buffers fit into four huge pages. More
    /// memory than that is out of the processor's caches when it comes to be hashed (bench/README.md).
    /// </summary>
    public static IoQueueOptions Default => new(16, 512 << 10);

    /// <summary>Targets are written in larger pieces: nothing looks at them afterwards, and each is a frame or more.</summary>
    public static IoQueueOptions Target => new(16, 1 << 20);

    public const int MaxDepth = 256;

    /// <summary>What a buffer's size is a multiple of, and so the largest alignment a queue can serve.</summary>
    public const int MaxAlignment = 4096;

    /// <summary>1 GiB, which is what the kernel registers as one buffer at most.</summary>
    public const long MaxMemory = 1L << 30;

    /// <summary>Asserts that the values keep to their bounds; who takes them from a user checks them before.</summary>
    public void Check()
    {
        Debug.Assert(Depth is >= 1 and <= MaxDepth);
        Debug.Assert(BufferSize >= MaxAlignment && BufferSize % MaxAlignment == 0);
        Debug.Assert((long)Depth * BufferSize <= MaxMemory);
    }
}
