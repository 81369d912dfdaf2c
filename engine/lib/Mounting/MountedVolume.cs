using System.Diagnostics;

namespace Tidemark.Engine.Mounting;

/// <summary>A volume of an image file, mounted for reading by a driver of this system. Needs root.</summary>
internal sealed class MountedVolume : IDisposable
{
    // Somebody's shell may stand in it for a moment.
    private static readonly TimeSpan UnmountPatience = TimeSpan.FromSeconds(3);

    private readonly LoopAttachment loop;

    private MountedVolume(string folder, string driver, LoopAttachment loop)
    {
        Folder = folder;
        Driver = driver;
        this.loop = loop;
    }

    public string Folder { get; }

    /// <summary>What reads it.</summary>
    public string Driver { get; }

    /// <param name="file">The image file.</param>
    /// <param name="place">The volume in it.</param>
    /// <param name="folder">An empty folder.</param>
    /// <param name="problem">Why it isn't mounted, and what to do instead.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Null where it can't be mounted here.</returns>
    public static MountedVolume? TryMount(
        string file, VolumePlace place, string folder, out string problem, CancellationToken cancellation)
    {
        problem = "";
        if (WhyNone(place) is { } reason)
        {
            problem = reason;
            return null;
        }

        var drivers = FileSystemDriver.For(place.Content!.Type).Where(driver => driver.IsHere()).ToArray();
        if (drivers.Length == 0)
        {
            problem = WithoutDriver(place.Content.Type);
            return null;
        }

        var loop = LoopAttachment.Attach(file, place.Offset, place.Length, cancellation);
        try
        {
            foreach (var driver in drivers)
            {
                if (driver.TryMount(loop.Device, folder, cancellation) is not { } complaint)
                {
                    return new MountedVolume(folder, driver.Name, loop);
                }

                problem = problem.Length > 0 ? problem : $"{driver.Name} doesn't take it: {complaint}";
            }
        }
        catch
        {
            loop.Dispose();
            throw;
        }

        loop.Dispose();
        return null;
    }

    /// <summary>Unmounts a folder; waits for moments where it is in use, and then gives up or takes it away anyway.</summary>
    /// <param name="folder">What is mounted on.</param>
    /// <param name="force">Whether to detach it even from who still looks into it.</param>
    /// <returns>Null, or why not.</returns>
    public static string? TryUnmount(string folder, bool force)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var result = MountPrograms.Unmount.Run([folder]);
            if (result.ExitCode == 0)
            {
                return null;
            }

            if (clock.Elapsed > UnmountPatience)
            {
                return force && MountPrograms.Unmount.Run(["--lazy", folder]).ExitCode == 0 ? null : result.Complaint;
            }

            Thread.Sleep(100);
        }
    }

    public void Dispose()
    {
        if (MountList.IsMounted(Folder))
        {
            TryUnmount(Folder, force: true);
        }

        loop.Dispose();
    }

    /// <summary>Why a volume holds no file system; null where it does.</summary>
    public static string? WhyNone(VolumePlace place) => place.Problem ?? place.Content?.Type switch
    {
        null => "nothing is recognised in it",
        "luks" => $"it is encrypted by LUKS: open {ImageFile.Name} with cryptsetup (its part is at byte {place.Offset})",
        "lvm" => $"it belongs to LVM: set up a loop device over {ImageFile.Name} (at byte {place.Offset}) and activate its volumes",
        "swap" => "it is swap space",
        _ => null,
    };

    private static string WithoutDriver(string type)
    {
        var package = FileSystemDriver.For(type).Select(driver => driver.Program?.Package).FirstOrDefault(name => name is not null);
        var advice = package is null ? "" : $"install the package {package}, or ";
        return $"this system has no driver for {type}: {advice}read it with 'tidemark ls' and 'tidemark extract'";
    }
}
