using System.Diagnostics;
using System.Runtime.InteropServices;
using Tidemark.Engine.Programs;

namespace Tidemark.Engine.Mounting;

/// <summary>A range of a file as a block device (loop(4)). Needs root.</summary>
internal sealed class LoopAttachment : IDisposable
{
    // Another program may take the free device between the question and the answer.
    private const int Attempts = 20;

    private readonly string file;
    private readonly SafeHandle handle;

    private LoopAttachment(string device, string file, SafeHandle handle)
    {
        Device = device;
        this.file = file;
        this.handle = handle;
    }

    /// <summary>The device's path.</summary>
    public string Device { get; }

    /// <param name="file">A file's full path.</param>
    /// <param name="offset">Where the device begins in it, in bytes.</param>
    /// <param name="length">Bytes of the device.</param>
    /// <param name="wait">How it is waited for.</param>
    /// <exception cref="TidemarkException">There is no free loop device.</exception>
    public static LoopAttachment Attach(string file, long offset, long length, ProgramWait wait)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (LoopCalls.TryAttach(file, offset, length, out var device, out var error) is { } handle)
            {
                return new LoopAttachment(device, file, handle);
            }

            if (attempt == Attempts)
            {
                throw TidemarkException.Failed($"No loop device could be set up {(device.Length > 0 ? $"at {device}" : "by /dev/loop-control")}: {LoopCalls.Reason(error)}.");
            }

            wait.Cancellation.WaitHandle.WaitOne(20 * attempt);
            wait.Cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Detaches all loop devices over a file, whoever set them up.</summary>
    public static void DetachAll(string file)
    {
        foreach (var device in DevicesOf(file))
        {
            MountPrograms.Loop.Run(["--detach", device], ProgramWait.Silent);
        }

        Await(() => !DevicesOf(file).Any());
    }

    /// <summary>The loop devices over a file, by what the kernel remembers of its path.</summary>
    public static IEnumerable<string> DevicesOf(string file) =>
        Directory.EnumerateDirectories("/sys/block", "loop*").Where(folder => BackingOf(folder) == file).Select(folder => $"/dev/{Path.GetFileName(folder)}");

    /// <summary>Leaves it to who has mounted it: it detaches itself with that.</summary>
    public void HandOver() => handle.Dispose();

    /// <summary>Detaches it, where nobody has it mounted, and waits until the file is free.</summary>
    public void Dispose()
    {
        handle.Dispose();
        Await(() => !DevicesOf(file).Contains(Device));
    }

    // The kernel lets go of the file a moment after the device.
    private static void Await(Func<bool> isFree)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromSeconds(5) && !isFree())
        {
            Thread.Sleep(10);
        }
    }

    private static string? BackingOf(string folder)
    {
        try
        {
            return File.ReadAllText($"{folder}/loop/backing_file").TrimEnd('\n');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
