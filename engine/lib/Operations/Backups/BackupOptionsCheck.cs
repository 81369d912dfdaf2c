using Tidemark.Engine.Format;
using Tidemark.Engine.Io;
using Tidemark.Engine.Packing;
using Tidemark.Engine.Stores;

namespace Tidemark.Engine.Operations.Backups;

/// <summary>Refuses what makes no sense before anything is opened or made.</summary>
internal static class BackupOptionsCheck
{
    /// <summary>Smaller transfers make a scan wait for the device's latency.</summary>
    private const int MinRequestSize = 64 << 10;

    /// <summary>With the default depth, larger ones take more memory than a backup may.</summary>
    private const int MaxRequestSize = 16 << 20;

    /// <summary>Memory of all buffers of the scan: what a user may ask for at most with depth and size together.</summary>
    private const long MaxQueueMemory = 1L << 30;

    public static void Check(BackupRequest request)
    {
        if (request.BlockSize is { } block
            && (block < ImageFormat.MinBlockSize || block > ImageFormat.MaxBlockSize || !int.IsPow2(block)))
        {
            throw TidemarkException.WrongUse($"A block of {block} bytes isn't possible: give a power of two from 4K to 1M.");
        }

        if (request.SplitSize != 0
            && (request.SplitSize < ImageFormat.MinPartSize || request.SplitSize % ImageFormat.HeaderSize != 0))
        {
            throw TidemarkException.WrongUse(
                $"Parts of {request.SplitSize} bytes aren't possible: give a multiple of 4K from 64K, for example 4G.");
        }

        CheckLevel(request);
        if (request.Chain is { } name)
        {
            StoreNames.Check(name);
            if (System.Text.Encoding.UTF8.GetByteCount(name) > ImageHeader.MaxName)
            {
                throw TidemarkException.WrongUse($"A chain's name has at most {ImageHeader.MaxName} bytes.");
            }
        }

        var queue = Queue(request);
        if (queue.Depth is < 1 or > IoQueueOptions.MaxDepth)
        {
            throw TidemarkException.WrongUse($"A queue of {queue.Depth} transfers isn't possible: give 1 to {IoQueueOptions.MaxDepth}.");
        }

        if (queue.BufferSize is < MinRequestSize or > MaxRequestSize || queue.BufferSize % 4096 != 0)
        {
            throw TidemarkException.WrongUse("Give a multiple of 4K from 64K to 16M as the size of a request.");
        }

        if ((long)queue.Depth * queue.BufferSize > MaxQueueMemory)
        {
            throw TidemarkException.WrongUse("Queue depth times request size is more than 1 GiB; give less of one.");
        }
    }

    public static IoQueueOptions Queue(BackupRequest request) => new(
        request.QueueDepth ?? IoQueueOptions.Default.Depth, request.RequestSize ?? IoQueueOptions.Default.BufferSize);

    private static void CheckLevel(BackupRequest request)
    {
        var most = request.Codec switch
        {
            Codec.Zstd => FrameCodec.MaxZstdLevel,
            Codec.Lz4 => FrameCodec.MaxLz4Level,
            _ => 0,
        };
        if (request.Level is { } level && (level < 1 || level > most))
        {
            throw TidemarkException.WrongUse(most == 0
                ? "Without compression there is no level."
                : $"{request.Codec} has levels 1 to {most}, not {level}.");
        }
    }
}
