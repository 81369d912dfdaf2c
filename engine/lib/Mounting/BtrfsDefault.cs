using Tidemark.Engine.Programs;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Mounting;

/// <summary>
/// Which subvolume of a btrfs its system mounts where it names none. The kernel says it by mounting that for a moment:
/// what it mounted stands in its table.
/// </summary>
internal static class BtrfsDefault
{
    /// <param name="device">A device that is mounted already, from its top.</param>
    /// <param name="folder">A name in a private folder for that moment.</param>
    /// <param name="wait">How the kernel is waited for.</param>
    /// <param name="problem">Why the default can't be told: it was deleted, or is damaged.</param>
    /// <returns>Its path from the top, without a slash at its beginning; null where the default is the top.</returns>
    public static string? Find(string device, string folder, ProgramWait wait, out string? problem)
    {
        problem = null;
        Directory.CreateDirectory(folder);
        try
        {
            var result = MountPrograms.Mount.Run(["-t", "btrfs", "-o", "ro,nosuid,nodev", device, folder], wait);
            if (result.ExitCode != 0)
            {
                problem = result.Complaint;
                return null;
            }

            try
            {
                var root = MountTable.Load().Entries.LastOrDefault(entry => entry.MountPoint == folder)?.Root.Trim('/');
                return string.IsNullOrEmpty(root) ? null : root;
            }
            finally
            {
                MountedVolume.TryUnmount(folder, force: true);
            }
        }
        finally
        {
            Directory.Delete(folder);
        }
    }
}
