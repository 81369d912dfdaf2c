using System.Diagnostics;
using System.Globalization;
using Tidemark.Engine.Programs;

namespace Tidemark.Engine.Mounting;

/// <summary>A range of a file as a block device (loop(4)). Needs root.</summary>
internal sealed class LoopAttachment : IDisposable
{
    // Another program may take the free device between the question and the answer.
    private const int Attempts = 20;

    private readonly string file;

    private LoopAttachment(string device, string file)
    {
        Device = device;
        this.file = file;
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
        string[] arguments =
        [
            "--find", "--show", "--offset", offset.ToString(CultureInfo.InvariantCulture),
            "--sizelimit", length.ToString(CultureInfo.InvariantCulture), file,
        ];
        for (var attempt = 1; ; attempt++)
        {
            var result = MountPrograms.Loop.Run(arguments, wait);
            if (result.ExitCode == 0 || attempt == Attempts)
            {
                return new LoopAttachment(result.OrFail("No loop device could be set up").Output.Trim(), file);
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
    }

    /// <summary>The loop devices over a file, by what the kernel remembers of its path.</summary>
    public static IEnumerable<string> DevicesOf(string file) =>
        Directory.EnumerateDirectories("/sys/block", "loop*").Where(folder => BackingOf(folder) == file).Select(folder => $"/dev/{Path.GetFileName(folder)}");

    /// <summary>Detaches it and waits until the file is free.</summary>
    public void Dispose()
    {
        // Asked once: the kernel remembers it for a busy device, and asked again it could hit the device's next user.
        if (DevicesOf(file).Contains(Device))
        {
            MountPrograms.Loop.Run(["--detach", Device], ProgramWait.Silent);
        }

        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromSeconds(5) && DevicesOf(file).Contains(Device))
        {
            Thread.Sleep(20);
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
