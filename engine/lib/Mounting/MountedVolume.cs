using System.Diagnostics;
using Tidemark.Engine.Programs;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Mounting;

/// <summary>A volume of an image file, mounted for reading by a driver of this system. Needs root.</summary>
internal sealed class MountedVolume : IDisposable
{
    private const string Together = "restore it and what it belongs with onto disks of their own, or give them to a virtual machine ('tidemark serve')";

    // Somebody's shell may stand in it for a moment.
    private static readonly TimeSpan UnmountPatience = TimeSpan.FromSeconds(3);

    /// <summary>A server whose file system was unmounted has no more to do than to close files.</summary>
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(5);

    private readonly LoopAttachment loop;
    private readonly Process? server;

    private MountedVolume(string folder, string driver, LoopAttachment loop, Process? server)
    {
        this.server = server;
        Folder = folder;
        Driver = driver;
        this.loop = loop;
    }

    public string Folder { get; }

    /// <summary>What reads it.</summary>
    public string Driver { get; }

    /// <summary>The subvolume that the imaged system mounts where it names none; null where that is the top, or there are none.</summary>
    public string? DefaultSubvolume { get; private init; }

    /// <param name="file">The image file.</param>
    /// <param name="place">The volume in it.</param>
    /// <param name="folder">An empty folder.</param>
    /// <param name="problem">Why it isn't mounted, and what to do instead.</param>
    /// <param name="wait">How it is waited for.</param>
    /// <returns>Null where it can't be mounted here.</returns>
    public static MountedVolume? TryMount(
        string file, VolumePlace place, string folder, out string problem, ProgramWait wait)
    {
        problem = "";
        if (WhyNone(place) is { } reason)
        {
            problem = reason;
            return null;
        }

        var content = place.Content!;
        var drivers = FileSystemDriver.For(content).Where(driver => driver.IsHere()).ToArray();
        if (drivers.Length == 0)
        {
            problem = WithoutDriver(content);
            return null;
        }

        if (content.Type == "btrfs")
        {
            BtrfsCopy.Rename(file, place);
        }

        var loop = LoopAttachment.Attach(file, place.Offset, place.Length, wait);
        try
        {
            foreach (var driver in drivers)
            {
                if (driver.TryMount(loop.Device, folder, wait, out var server) is not { } complaint)
                {
                    loop.HandOver();
                    var mounted = new MountedVolume(folder, driver.Name, loop, server);
                    return content.Type == "btrfs" ? WithDefault(mounted, file, place, wait) : mounted;
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

    private static MountedVolume WithDefault(MountedVolume mounted, string file, VolumePlace place, ProgramWait wait)
    {
        try
        {
            var folder = Path.Combine(Path.GetDirectoryName(file)!, $"default{place.Name}");
            var subvolume = BtrfsDefault.Find(mounted.loop.Device, folder, wait, out var problem);
            if (problem is not null)
            {
                wait.Tell($"The default subvolume of {(place.Name.Length > 0 ? place.Name : "the image")} isn't there, or can't be read ({problem}). All others are shown.");
            }

            return new MountedVolume(mounted.Folder, mounted.Driver, mounted.loop, mounted.server) { DefaultSubvolume = subvolume };
        }
        catch
        {
            mounted.Dispose();
            throw;
        }
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
            var result = MountPrograms.Unmount.Run([folder], ProgramWait.Silent);
            if (result.ExitCode == 0)
            {
                return null;
            }

            if (clock.Elapsed > UnmountPatience)
            {
                return force && MountPrograms.Unmount.Run(["--lazy", folder], ProgramWait.Silent).ExitCode == 0 ? null : result.Complaint;
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

        if (server?.WaitForExit(EndPatience) == false)
        {
            SystemProgram.Stop(server);
        }

        server?.Dispose();
        loop.Dispose();
    }

    /// <summary>
    /// Why a volume can't be mounted, by what it is; null where a driver may try. What needs other devices is refused before
    /// a loop device stands over it: a system that sees one may put the array together with disks of its own.
    /// </summary>
    public static string? WhyNone(VolumePlace place) => place.Problem ?? place.Content switch
    {
        null => "nothing is recognised in it",
        { Type: "luks" } => $"it is encrypted by LUKS: open {ImageFile.Name} with cryptsetup (its part is at byte {place.Offset})",
        { Type: "lvm" } => $"it belongs to LVM, whose volumes may reach over several disks: {Together}",
        { Type: "swap" } => "it is swap space",
        { Elsewhere: { } elsewhere } content when FileSystemDriver.For(content).Count == 0 => $"{elsewhere}, and other devices are left alone: {Together}",
        _ => null,
    };

    /// <summary>What a reader of a volume should know: that it is read without a part of it. Null for most.</summary>
    public static string? Caution(VolumePlace place) => place.Content?.Elsewhere is { } elsewhere && WhyNone(place) is null
        ? $"{elsewhere}, and was not replayed: what was written last may be missing or half there"
        : null;

    private static string WithoutDriver(VolumeContent content)
    {
        var package = FileSystemDriver.For(content).Select(driver => driver.Program?.Package).FirstOrDefault(name => name is not null);
        var advice = package is null ? "" : $"install the package {package}, or ";
        return $"this system has no driver for {content.Type}: {advice}read it with 'tidemark ls' and 'tidemark extract'";
    }
}
