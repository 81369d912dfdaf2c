using Tidemark.Harness.Support;

namespace Tidemark.Harness.Files;

/// <summary>The command line as somebody runs it who isn't root and may use FUSE.</summary>
internal static class OrdinaryUser
{
    /// <summary>Skips the test unless this can be had.</summary>
    public static void Require()
    {
        Root.Require();
        Tool.Require("unshare", "setpriv", "fls", "icat");
    }

    /// <summary>Runs a verb, in mounts of its own, where the FUSE device is everybody's, as it is on most systems.</summary>
    /// <param name="folder">The test's, which becomes everybody's.</param>
    /// <param name="arguments">The verb and what it is given.</param>
    public static ToolResult Run(TempFolder folder, params string[] arguments)
    {
        var (program, leading) = TidemarkCli.Command;
        Tool.Run("chmod", "-R", "a+rwX", folder);
        Directory.CreateDirectory(folder.At("home"));
        Tool.Run("chown", "65534:65534", folder.At("home"));
        const string script = "mount -t tmpfs -o mode=755,dev tmpfs \"$0/home\" && mknod -m 666 \"$0/home/fuse\" c 10 229 && mount --bind \"$0/home/fuse\" /dev/fuse"
            + " && umount --lazy \"$0/home\" && export HOME=\"$0/home\" XDG_RUNTIME_DIR=\"$0/home\" && exec setpriv --reuid=65534 --regid=65534 --clear-groups \"$@\"";
        return Tool.Start("unshare", ["--mount", "sh", "-c", script, folder.Path, program, .. leading, .. arguments], Patience.Limit);
    }
}
