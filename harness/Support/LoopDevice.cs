using System.Diagnostics;
using System.Globalization;

namespace Tidemark.Harness.Support;

/// <summary>A file as a block device. Needs root (<see cref="Root.Require"/>).</summary>
internal sealed class LoopDevice : IDisposable
{
    // Another run may take the free device between the question and the answer.
    private const int AttachAttempts = 40;

    // After so many, the free device may be one that somebody opened without using it, and the kernel would offer it
    // again and again; then numbers are tried that nobody takes first.
    private const int AttemptsAtFree = 3;
    private const int FirstFarNumber = 32;
    private const int LastFarNumber = 250;

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
    /// <param name="partitions">Whether the kernel makes devices of its partitions.</param>
    public static LoopDevice Attach(
        string file, int sectorSize = 512, long offset = 0, long size = 0, bool directIo = false, bool readOnly = false,
        bool partitions = false)
    {
        var arguments = new List<string> { "--sector-size", Number(sectorSize) };
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

        if (partitions)
        {
            arguments.Add("--partscan");
        }

        for (var attempt = 1; ; attempt++)
        {
            var far = attempt > AttemptsAtFree ? $"/dev/loop{Random.Shared.Next(FirstFarNumber, LastFarNumber)}" : null;
            var result = far == null
                ? Tool.Try("losetup", [.. arguments, "--find", "--show", file])
                : Tool.Try("losetup", [.. arguments, far, file]);
            if (result.ExitCode == 0 || attempt == AttachAttempts)
            {
                var output = result.Succeeded().Output.Trim();
                return new LoopDevice(far ?? output, file);
            }

            Thread.Sleep(Random.Shared.Next(20 * attempt));
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
        // Asked once, since the kernel remembers it for a busy device; asked again, it could hit the device's next user.
        var result = Tool.Try("losetup", "--detach", Path);
        var clock = Stopwatch.StartNew();
        while (IsOurs())
        {
            if (clock.Elapsed > DetachPatience)
            {
                Console.Error.WriteLine($"{Path} is still attached: {result.Error}");
                return;
            }

            Thread.Sleep(20);
        }
    }

    // The device may belong to someone else the moment it is free.
    private bool IsOurs()
    {
        try
        {
            return File.ReadAllText($"/sys/block/{System.IO.Path.GetFileName(Path)}/loop/backing_file").TrimEnd('\n') == file;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
