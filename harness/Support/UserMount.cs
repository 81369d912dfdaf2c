using System.Diagnostics;
using Xunit;

namespace Tidemark.Harness.Support;

/// <summary>A folder through a file system in user space: mergerfs over two folders, an rclone mount or bindfs of one.</summary>
internal sealed class UserMount : IDisposable
{
    private readonly string log;

    private UserMount(string folder, string log)
    {
        Folder = folder;
        this.log = log;
    }

    public string Folder { get; }

    public static UserMount Make(TempFolder place, string fileSystem, params string[] more)
    {
        Root.Require();
        Tool.Require(fileSystem, "umount", "mountpoint");
        Assert.SkipUnless(File.Exists("/dev/fuse"), "Needs FUSE (/dev/fuse isn't there).");
        var folder = place.Folder("through");
        var mount = new UserMount(folder, place.At("mount.log"));
        if (fileSystem == "mergerfs")
        {
            Tool.Run("mergerfs", "-o", "category.create=mfs", $"{place.Folder("branch1")}:{place.Folder("branch2")}", folder);
        }
        else if (fileSystem == "bindfs")
        {
            // It passes no locks on, so they are this machine's alone.
            Tool.Run("bindfs", place.Folder("behind"), folder);
        }
        else
        {
            var mode = more.Length > 0 ? more : ["--vfs-cache-mode", "writes"];
            // Its child would keep the pipes of what it says open, whose end is waited for.
            Tool.Run(
                "sh",
                ["-c", "exec rclone \"$@\" >/dev/null 2>&1", "rclone", "mount", place.Folder("remote"), folder, "--daemon", "--config", place.At("rclone.conf"), "--cache-dir", place.At("cache"),
                    "--log-file", mount.log, .. mode]);
        }

        // The program returns when its child has mounted, or soon before.
        while (Tool.Try("mountpoint", "-q", folder).ExitCode != 0)
        {
            Thread.Sleep(50);
        }

        return mount;
    }

    public void Dispose()
    {
        // What was written last may still be on its way to the remote.
        while (Tool.Try("umount", Folder) is { ExitCode: not 0 } failed)
        {
            if (!failed.Error.Contains("busy", StringComparison.Ordinal))
            {
                Console.Error.WriteLine($"{Folder} could not be unmounted: {failed.Error}");
                return;
            }

            Thread.Sleep(100);
        }
    }
}
