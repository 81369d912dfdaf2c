using BenchmarkDotNet.Attributes;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Io;

namespace Tidemark.Bench.Io;

/// <summary>
/// A file of 64 MiB read through a queue, by kind, depth and size of a request, from the device where the file system
/// does direct reads. Wall time is the disk's; what the queues differ in is the time of the processor.
/// </summary>
[MemoryDiagnoser]
public class QueueBenchmarks
{
    private const int FileBytes = 64 << 20;

    private string path = "";
    private RawDevice device = null!;
    private IoQueue queue = null!;
    private IoCompletion[] completions = [];
    private int[] free = [];

    /// <summary>What the environment variable <c>TIDEMARK_IO</c> may say.</summary>
    [Params("io_uring", "pread")]
    public string Kind { get; set; } = "";

    [Params(1, 4, 16, 64)]
    public int Depth { get; set; }

    [Params(128 << 10, 512 << 10, 1 << 20)]
    public int RequestBytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        path = Path.Combine(Path.GetTempPath(), $"tidemark-queue-{Environment.ProcessId}");
        var content = new byte[FileBytes];
        new Random(1).NextBytes(content);
        File.WriteAllBytes(path, content);
        device = RawDevice.OpenRead(path);
        Environment.SetEnvironmentVariable("TIDEMARK_IO", Kind);
        queue = device.OpenQueue(new IoQueueOptions(Depth, RequestBytes));
        completions = new IoCompletion[Depth];
        free = new int[Depth];
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        queue.Dispose();
        device.Dispose();
        File.Delete(path);
    }

    [Benchmark]
    public long Read()
    {
        var slots = 0;
        for (var slot = 0; slot < Depth; slot++)
        {
            free[slots++] = slot;
        }

        long submitted = 0;
        long moved = 0;
        while (moved < FileBytes)
        {
            while (slots > 0 && submitted < FileBytes)
            {
                queue.SubmitRead(free[--slots], submitted, RequestBytes);
                submitted += RequestBytes;
            }

            var taken = queue.Reap(completions, wait: true);
            for (var i = 0; i < taken; i++)
            {
                moved += completions[i].Error == 0 ? completions[i].Transferred : throw new IOException($"error {completions[i].Error}");
                free[slots++] = completions[i].Slot;
            }
        }

        return moved;
    }
}
