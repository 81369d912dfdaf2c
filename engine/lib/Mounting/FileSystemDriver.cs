using System.Diagnostics;
using Tidemark.Engine.Programs;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Mounting;

/// <summary>
/// A driver that mounts a file system for reading, with the options that make it take any state of it. The devices it is
/// given can be written (into an overlay that is thrown away), so that it replays a live volume's journal first; without
/// a journal that can be replayed <see cref="Fallback"/> shows what there is.
/// </summary>
/// <param name="Kernel">The kernel's name of it; null for a program.</param>
/// <param name="Program">A program that serves it through FUSE; null for the kernel's own.</param>
/// <param name="Options">Mount options.</param>
/// <param name="Fallback">Options where those fail; null where there are no others.</param>
internal sealed record FileSystemDriver(string? Kernel, SystemProgram? Program, string Options, string? Fallback)
{
    // What comes from an image gives nobody rights and is no device.
    private const string Harmless = "ro,nosuid,nodev";

    // A FUSE server that doesn't go into the background ends with who started it.
    private const string StayInFront = "no_detach";

    // Whatever its superblock asks for: one that was made with errors=panic would take the machine down with it.
    private const string ExtHarmless = $"{Harmless},errors=continue";

    private static readonly SystemProgram Ntfs3g = new("ntfs-3g", "ntfs-3g");
    private static readonly SystemProgram Exfat = new("mount.exfat-fuse", "exfat-fuse");

    /// <summary>
    /// The drivers for a file system, the better one first; none where it is no file system, or one that can't be read
    /// without devices beside its own. No driver here looks for another device.
    /// </summary>
    public static IReadOnlyList<FileSystemDriver> For(VolumeContent content) => content.Type switch
    {
        // A journal on another device would be looked for by its number on this machine, and replayed: read as it stands.
        "ext2" or "ext3" or "ext4" when content.Elsewhere is not null => Ext(content.Type, $"{ExtHarmless},noload", null),
        "ext2" or "ext3" or "ext4" => Ext(content.Type, ExtHarmless, $"{ExtHarmless},noload"),
        _ when content.Elsewhere is not null => [],
        // A copy has the identity of its source, which may be mounted beside it.
        "xfs" => [new("xfs", null, $"{Harmless},nouuid", $"{Harmless},nouuid,norecovery")],
        // From its top, whatever subvolume is its default.
        "btrfs" => [new("btrfs", null, $"{Harmless},subvolid=5", $"{Harmless},subvolid=5,rescue=all")],
        // Windows hibernated, or shut down with fast startup: read as it stands.
        "ntfs" => [new(null, Ntfs3g, $"ro,{StayInFront}", $"ro,norecover,{StayInFront}"), new("ntfs3", null, Harmless, $"{Harmless},force")],
        "exfat" => [new("exfat", null, Harmless, null), new(null, Exfat, "ro", null)],
        "fat12" or "fat16" or "fat32" => [new("vfat", null, $"{Harmless},utf8", $"{Harmless}")],
        _ => [],
    };

    /// <summary>What it is called in messages.</summary>
    public string Name => Kernel is { } kernel ? $"the kernel's {kernel}" : Program!.Name;

    /// <summary>Whether it is here; loads the kernel's module where there is one.</summary>
    public bool IsHere()
    {
        if (Program is not null)
        {
            return Program.Exists && File.Exists("/dev/fuse");
        }

        if (!KernelKnows(Kernel!) && new SystemProgram("modprobe", "kmod") is { Exists: true } modprobe)
        {
            modprobe.Run(["--quiet", Kernel!], ProgramWait.Silent);
        }

        return KernelKnows(Kernel!);
    }

    /// <summary>Mounts a device.</summary>
    /// <param name="device">The device's path.</param>
    /// <param name="folder">An empty folder.</param>
    /// <param name="wait">How the driver is waited for.</param>
    /// <param name="server">The program that serves the file system as long as it is mounted, where it is one.</param>
    /// <returns>Null, or why it doesn't.</returns>
    public string? TryMount(string device, string folder, ProgramWait wait, out Process? server)
    {
        string? complaint = null;
        server = null;
        foreach (var options in new[] { Options, Fallback }.OfType<string>())
        {
            if (options.EndsWith(StayInFront, StringComparison.Ordinal))
            {
                if (TryServe(["-o", options, device, folder], folder, wait, out server) is not { } problem)
                {
                    return null;
                }

                complaint ??= problem;
                continue;
            }

            var result = Program is not null
                ? Program.Run(["-o", options, device, folder], wait)
                : MountPrograms.Mount.Run(["-t", Kernel!, "-o", options, device, folder], wait);
            if (result.ExitCode == 0)
            {
                return null;
            }

            complaint ??= result.Complaint;
        }

        return complaint;
    }

    private string? TryServe(string[] arguments, string folder, ProgramWait wait, out Process? server)
    {
        var process = Program!.Start(arguments);
        var ended = false;
        server = null;
        try
        {
            var error = OwnThread.Read(process.StandardError);
            process.StandardInput.Close();
            process.StandardOutput.Close();
            wait.Until(Program.Name, slice => MountList.IsMounted(folder) || (ended = process.WaitForExit(slice)));
            if (!ended)
            {
                server = process;
                return null;
            }

            var text = error.Wait(TimeSpan.FromSeconds(1), CancellationToken.None) ? error.Result : "";
            return new ProgramResult(Program.Name, process.ExitCode, "", text).Complaint;
        }
        catch
        {
            SystemProgram.Stop(process);
            throw;
        }
        finally
        {
            if (server is null)
            {
                process.Dispose();
            }
        }
    }

    private static FileSystemDriver[] Ext(string type, string options, string? fallback) =>
        type == "ext4" ? [new("ext4", null, options, fallback)] : [new("ext4", null, options, fallback), new(type, null, options, fallback)];

    private static bool KernelKnows(string name)
    {
        try
        {
            return File.ReadLines("/proc/filesystems").Any(line => line.EndsWith('\t' + name, StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return false;
        }
    }
}
