using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Programs;

/// <summary>The Linux calls behind <see cref="PrivateMounts"/>.</summary>
internal static unsafe class PrivateMountCalls
{
    /// <summary>Unshares this thread's mounts and becomes this program again; returns where that can't be had.</summary>
    /// <param name="variable">An environment variable to set.</param>
    /// <param name="value">Its value.</param>
    /// <param name="leaving">Is called right before.</param>
    public static void StartAnew(string variable, string value, Action leaving)
    {
        // Byte for byte, since arguments needn't be text.
        var words = File.ReadAllBytes("/proc/self/cmdline");
        if (words.Length == 0 || Libc.unshare(Libc.CLONE_NEWNS) != 0)
        {
            return;
        }

        // What others unmount goes from here too; what is mounted here stays here.
        Libc.mount("none", "/", null, Libc.MS_REC | Libc.MS_SLAVE, null);
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
}
