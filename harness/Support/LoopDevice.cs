using System.Diagnostics;
using System.Globalization;

namespace Tidemark.Harness.Support;

/// <summary>A file as a block device. Needs root (<see cref="Root.Require"/>).</summary>
internal sealed class LoopDevice : IDisposable
{
    // Another run may take the free device between the question and the answer, or be about to give one back; with
    // several runs on a busy machine that takes seconds. The pauses differ, so that runs don't keep meeting.
    private const int AttachAttempts = 60;

    // A device that was just unmounted stays busy for moments, as long as a file system's server is ending.
    private static readonly TimeSpan DetachPatience = TimeSpan.FromSeconds(10);

    private readonly string file;
    private bool attached = true;

    private LoopDevice(string path, string file)
    {
        Path = path;
        this.file = System.IO.Path.GetFullPath(file);
    }

    /// <summary>The device's path.</summary>
    public string Path { get; }

    public static implicit operator string(LoopDevice device) => device.Path;

    /// <param name="file">What stands behind the device.</param>
    /// <param name="sectorSize">Logical sector size in bytes: 512 to 4096.</param>
    /// <param name="offset">Where the device begins in the file (a partition's offset), in bytes.</param>
    /// <param name="size">Bytes of the device; 0 is up to the end of the file.</param>
    /// <param name="directIo">Whether the device passes the file's page cache by.</param>
    /// <param name="readOnly">Whether writing is refused.</param>
    public static LoopDevice Attach(
        string file, int sectorSize = 512, long offset = 0, long size = 0, bool directIo = false, bool readOnly = false)
    {
        var arguments = new List<string> { "--find", "--show", "--sector-size", Number(sectorSize) };
        if (offset > 0)
        {
            arguments.AddRange(["--offset", Number(offset)]);
        }

        if (size > 0)
        {
            arguments.AddRange(["--sizelimit", Number(size)]);
        }

        if (directIo)
        {
            arguments.Add("--direct-io=on");
        }

        if (readOnly)
        {
            arguments.Add("--read-only");
        }

        arguments.Add(file);
        for (var attempt = 1; ; attempt++)
        {
            var result = Tool.Try("losetup", [.. arguments]);
            if (result.ExitCode == 0 || attempt == AttachAttempts)
            {
                return new LoopDevice(result.Succeeded().Output.Trim(), file);
            }

            Thread.Sleep(Random.Shared.Next(20, 300));
        }
    }

    /// <summary>Writes what is cached for the device to its file and forgets it.</summary>
    public void Flush() => Tool.Run("blockdev", "--flushbufs", Path);

    /// <summary>Detaches the device and waits until its file is free.</summary>
    public void Dispose()
    {
        if (!attached)
        {
            return;
        }

        attached = false;
        var clock = Stopwatch.StartNew();
        var result = Tool.Try("losetup", "--detach", Path);
        while (IsStillOurs())
        {
            if (clock.Elapsed > DetachPatience)
            {
                Console.Error.WriteLine($"{Path} is still attached: {result.Error}");
                return;
            }

            Thread.Sleep(50);
            result = Tool.Try("losetup", "--detach", Path);
        }
    }

    // Once it is free, another run may attach a file of its own to the same device, and that is not ours to detach.
    private bool IsStillOurs()
    {
        try
        {
            var backing = File.ReadAllText($"/sys/block/{System.IO.Path.GetFileName(Path)}/loop/backing_file");
            return backing.StartsWith(file, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
