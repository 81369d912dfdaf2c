using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Programs;

/// <summary>The Linux calls behind <see cref="PrivateMounts"/>.</summary>
internal static unsafe class PrivateMountCalls
{
    /// <summary>What programs and their libraries, settings and temporary files are in.</summary>
    private static readonly string[] SystemPaths =
        ["/bin", "/dev", "/etc", "/home", "/lib", "/lib64", "/nix", "/opt", "/proc", "/root", "/run", "/sbin", "/sys", "/tmp", "/usr", "/var/tmp"];

    /// <summary>Unshares this thread's mounts and becomes this program again; returns where that can't be had.</summary>
    /// <param name="variable">An environment variable to set.</param>
    /// <param name="value">Its value.</param>
    /// <param name="needed">Paths whose mounts are kept.</param>
    /// <param name="leaving">Is called right before.</param>
    public static void StartAnew(string variable, string value, IReadOnlyList<string> needed, Action leaving)
    {
        // Byte for byte, since arguments needn't be text.
        var words = File.ReadAllBytes("/proc/self/cmdline");
        if (words.Length == 0 || Libc.unshare(Libc.CLONE_NEWNS) != 0)
        {
            return;
        }

        // What others unmount goes from here too; what is mounted here stays here.
        Libc.mount("none", "/", null, Libc.MS_REC | Libc.MS_SLAVE, null);
        LetGo([.. needed, .. SystemPaths]);
        Libc.setenv(variable, value, 1);
        leaving();
        var starts = new List<int> { 0 };
        for (var i = 0; i < words.Length - 1; i++)
        {
            if (words[i] == 0)
            {
                starts.Add(i + 1);
            }
        }

        var arguments = stackalloc byte*[starts.Count + 1];
        fixed (byte* first = words)
        {
            for (var i = 0; i < starts.Count; i++)
            {
                arguments[i] = first + starts[i];
            }

            arguments[starts.Count] = null;
            Libc.execv("/proc/self/exe", arguments);
        }
    }

    /// <summary>
    /// Detaches the copies of mounts that wouldn't go with the original, since that is no shared one (mount_namespaces(7)):
    /// where init doesn't share the root's, they would keep a disk mounted that everybody else has unmounted.
    /// </summary>
    private static void LetGo(IReadOnlyList<string> needed)
    {
        // 36 35 98:0 /root /mount/point rw,noatime [optional fields...] - ext3 /dev/root rw,errors=continue
        foreach (var fields in File.ReadLines("/proc/self/mountinfo").Select(line => line.Split(' ')).ToArray())
        {
            var separator = Array.IndexOf(fields, "-");
            if (separator < 6 || fields.Length < separator + 3 || fields[6..separator].Any(field => field.StartsWith("master:", StringComparison.Ordinal)))
            {
                continue;
            }

            var place = fields[4];
            var holdsStorage = fields[separator + 2].StartsWith('/') || fields[separator + 1].StartsWith("fuse", StringComparison.Ordinal);
            if (holdsStorage && place != "/" && !needed.Any(path => path == place || path.StartsWith(place + "/", StringComparison.Ordinal)))
            {
                // A name with an octal escape isn't found, and stays.
                _ = Libc.umount2(place, Libc.MNT_DETACH);
            }
        }
    }
}
