using Tidemark.Engine.Io;

namespace Tidemark.Engine.Devices.Queues;

/// <summary>Opens the best queue that the system allows on a file or device.</summary>
internal static class WindowsFileIoQueue
{
    /// <summary>
    /// Opens a queue on <paramref name="file"/>, which must stay open as long as the queue. What
    /// <see cref="FileIoQueue.Switch"/> says decides: "pread" makes one positional transfer at a time; "overlapped"
    /// fails where the port is refused, "io_uring" always; anything else, or nothing, tries the port and falls back.
    /// </summary>
    /// <param name="device">The device that is <paramref name="file"/>, for the positional fallback.</param>
    /// <param name="file">Its handles.</param>
    /// <param name="options">Depth and size.</param>
    /// <param name="wanted">What the switch says.</param>
    public static IoQueue Open(BlockDevice device, OverlappedFile file, IoQueueOptions options, string? wanted)
    {
        switch (wanted)
        {
            case "pread":
                return new PositionalIoQueue(device, options, "pread", $"{FileIoQueue.Switch} asks for pread");
            case "io_uring":
                throw TidemarkException.Failed(
                    $"Windows has no io_uring. Unset {FileIoQueue.Switch} to read in another way.");
        }

        var queue = OverlappedIoQueue.TryOpen(file, options, out var error);
        if (queue is null && wanted == "overlapped")
        {
            throw TidemarkException.Failed(
                $"A completion port is refused here: {WindowsFileCalls.Reason(error)}. " +
                $"Unset {FileIoQueue.Switch} to read in another way.");
        }

        return queue ?? (IoQueue)new PositionalIoQueue(
            device, options, "pread", $"a completion port is refused here: {WindowsFileCalls.Reason(error)}");
    }
}
