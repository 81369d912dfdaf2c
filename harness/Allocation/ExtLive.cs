using System.Globalization;
using System.Text;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Allocation;

/// <summary>Images of ext file systems as a power cut leaves them: mounted, used, and shut down in the midst of it.</summary>
internal static class ExtLive
{
    private const int UnmountAttempts = 100;

    public static void Require()
    {
        Mount.Require("ext4");
        Tool.Require("mkfs.ext4", "e2fsck", "dumpe2fs", "xfs_io");
    }

    /// <summary>
    /// Lives through a random history in a mounted image and cuts it off: what is committed stays in the journal or not,
    /// as <paramref name="flush"/> says, and nothing is checkpointed any more.
    /// </summary>
    public static void Live(TempFolder folder, string image, string options, Random random, int steps, bool flush)
    {
        var mountPoint = folder.Folder($"mnt-{Guid.NewGuid():N}");
        using var loop = LoopDevice.Attach(image);
        Tool.Run("mount", "-o", options, loop, mountPoint);
        try
        {
            Happen(mountPoint, random, steps);
            Tool.Run("xfs_io", "-x", "-c", flush ? "shutdown -f" : "shutdown", mountPoint);
        }
        finally
        {
            Unmount(mountPoint);
        }

        loop.Flush();
    }

    /// <summary>What an image has after recovery: by e2fsck, and by the kernel that mounts it.</summary>
    public static IReadOnlyDictionary<string, string> Recovered(TempFolder folder, string image, bool byKernel)
    {
        if (!byKernel)
        {
            var check = Tool.Try("e2fsck", "-fy", image);
            Assert.True(check.ExitCode is 0 or 1, $"e2fsck -fy ended with {check.ExitCode}\n{check.Output}\n{check.Error}");
        }

        var mountPoint = folder.Folder($"mnt-{Guid.NewGuid():N}");
        IReadOnlyDictionary<string, string> hashes;
        using (var loop = LoopDevice.Attach(image))
        {
            Tool.Run("mount", loop, mountPoint);
            try
            {
                hashes = FileTree.Hashes(mountPoint);
            }
            finally
            {
                Unmount(mountPoint);
            }
        }

        Tool.Run("e2fsck", "-fn", image);
        return hashes;
    }

    /// <summary>A file that was read is held for moments by processes that other tests began meanwhile.</summary>
    public static void Unmount(string mountPoint)
    {
        for (var attempt = 1; attempt < UnmountAttempts && Tool.Try("umount", mountPoint).ExitCode != 0; attempt++)
        {
            Thread.Sleep(100);
        }

        if (Tool.Try("mountpoint", "-q", mountPoint).ExitCode == 0)
        {
            Tool.Run("umount", mountPoint);
        }
    }

    private static void Happen(string folder, Random random, int steps)
    {
        var script = new StringBuilder("cd \"$1\" || exit 1\nexec 2>/dev/null\n");
        for (var i = 0; i < steps; i++)
        {
            var (file, other, size) = ($"d{random.Next(4)}/f{random.Next(10)}", $"d{random.Next(4)}/f{random.Next(10)}", random.Next(120_000));
            var text = random.Next(14) switch
            {
                0 or 1 or 2 => $"mkdir -p d0 d1 d2 d3; head -c {size} /dev/urandom >{file}",
                3 => $"head -c {size / 4} /dev/urandom | dd of={file} bs=1k seek={random.Next(200)} conv=notrunc status=none",
                4 => $"fallocate --punch-hole --offset {size} --length {1 + random.Next(50_000)} {file}",
                5 => $"fallocate --keep-size --offset {size} --length {1 + random.Next(200_000)} {file}",
                6 => $"truncate --size {size} {file}",
                7 => $"rm -f {file}",
                8 => $"ln {file} {other}; ln -s {file} {other}.link",
                // Folders that grow and go: their blocks are revoked, and come back as data.
                9 => $"mkdir -p many/{i}; for i in $(seq {random.Next(80)}); do echo $i >many/{i}/\"a name that fills a folder $i\"; done",
                10 => $"rm -rf many/{random.Next(i + 1)}",
                11 => $"setfattr -n user.note -v {new string('x', random.Next(1, 900))} {file}",
                // Content that looks like the journal's own has to be escaped where data is journaled.
                12 => $"for i in $(seq 40); do printf '\\xc0\\x3b\\x39\\x98\\0\\0\\0\\1'; head -c 1016 /dev/zero; done >{file}",
                _ => random.Next(3) == 0 ? "sync -f ." : $"sync {file}",
            };
            script.Append(CultureInfo.InvariantCulture, $"{text}\n");
        }

        script.Append("exit 0\n");
        Tool.Run("bash", "-c", script.ToString(), "bash", folder);
    }
}
