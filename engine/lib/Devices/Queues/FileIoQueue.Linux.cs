using Tidemark.Engine.Io;

namespace Tidemark.Engine.Devices.Queues;

/// <summary>Opens the best queue that the system allows on a file.</summary>
internal static class FileIoQueue
{
    /// <summary>
    /// The environment variable that forces a way: "pread" never tries io_uring; "io_uring" fails where it is refused;
    /// anything else, or nothing, tries io_uring and falls back.
    /// </summary>
    public const string Switch = "TIDEMARK_IO";

    /// <summary>Opens a queue on <paramref name="file"/>, which must stay open as long as the queue.</summary>
    public static IoQueue Open(DirectFile file, IoQueueOptions options) =>
        Open(file, options, Environment.GetEnvironmentVariable(Switch));

    /// <param name="wanted">What the switch says.</param>
    internal static IoQueue Open(DirectFile file, IoQueueOptions options, string? wanted)
    {
        if (wanted == "pread")
        {
            return new PreadIoQueue(file, options, $"{Switch} asks for pread");
        }

        IoQueue? queue = UringIoQueue.TryOpen(file, options, out var error);
        if (queue is null && wanted == "io_uring")
        {
            throw TidemarkException.Failed(
                $"io_uring is refused here: {FileCalls.Reason(error)}. Unset {Switch} to read in another way.");
        }

        return queue ?? new PreadIoQueue(file, options, $"io_uring is refused here: {FileCalls.Reason(error)}");
    }
}
