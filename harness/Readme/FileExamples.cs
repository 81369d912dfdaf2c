using Tidemark.Harness.Booting;
using Tidemark.Harness.Support;
using Xunit;
using static Tidemark.Harness.CommandLine.Cli;
using static Tidemark.Harness.Readme.ReadmeSandbox;

namespace Tidemark.Harness.Readme;

/// <summary>The README's examples of files, and of machines that boot.</summary>
internal static class FileExamples
{
    public static IEnumerable<(string Command, Action<ReadmeSandbox> Proof)> All =>
    [
        ("tidemark mount /backup/sdb-1b4e28ba@3 /mnt/tuesday", Mounted),
        ("tidemark unmount /mnt/tuesday", Unmounted),
        ("tidemark ls /backup/sdb-1b4e28ba@3 p2/etc", Listed),
        ("tidemark extract /backup/sdb-1b4e28ba@3 p2/etc/fstab p2/home --to /tmp/tuesday", Extracted),
        ("tidemark bootcheck /backup/sdb-1b4e28ba@latest --expect login: --screenshot screen.png", Booted),
    ];

    private static void Mounted(ReadmeSandbox sandbox)
    {
        Root.Require();
        RequireFuse();
        sandbox.AddDiskChain(points: 3);
        Directory.CreateDirectory(sandbox.At("/mnt/tuesday"));
        try
        {
            sandbox.Run();
            Assert.Equal("/dev/sda2 / ext4\n", File.ReadAllText(sandbox.At("/mnt/tuesday/p2/etc/fstab")));
        }
        finally
        {
            sandbox.Run("tidemark unmount /mnt/tuesday", Done, WrongUse);
        }
    }

    private static void Unmounted(ReadmeSandbox sandbox)
    {
        Root.Require();
        RequireFuse();
        sandbox.AddDiskChain(points: 1);
        sandbox.Run($"mkdir /mnt/tuesday && tidemark mount {DiskChain}@1 /mnt/tuesday");
        Assert.True(sandbox.Has("/mnt/tuesday/p2/etc"));
        sandbox.Run();
        Assert.Empty(Directory.GetFileSystemEntries(sandbox.At("/mnt/tuesday")));
    }

    private static void Listed(ReadmeSandbox sandbox)
    {
        RequireFuse();
        sandbox.AddDiskChain(points: 3);
        Assert.Contains("fstab", sandbox.Run(), StringComparison.Ordinal);
    }

    private static void Extracted(ReadmeSandbox sandbox)
    {
        RequireFuse();
        sandbox.AddDiskChain(points: 3);
        sandbox.Run();
        Assert.Equal("/dev/sda2 / ext4\n", File.ReadAllText(Found(sandbox, "fstab")));
        Assert.Equal("Dear reader", File.ReadAllText(Found(sandbox, "letter.txt")));
    }

    private static void Booted(ReadmeSandbox sandbox)
    {
        BootDisk.Require();
        using var workshop = new TempFolder("boot");
        var disk = new BootDisk(workshop);
        disk.Become(1);
        sandbox.AddDevice("/dev/sdb", disk.Path);
        sandbox.Run("tidemark backup /dev/sdb --to /backup");
        Directory.Move(Assert.Single(sandbox.Chains()), sandbox.At(DiskChain));
        Assert.Contains("lives", sandbox.Run(), StringComparison.Ordinal);
        Assert.Equal("PNG"u8, File.ReadAllBytes(sandbox.At("screen.png")).AsSpan(1, 3));
    }

    private static string Found(ReadmeSandbox sandbox, string name) =>
        Assert.Single(Directory.GetFiles(sandbox.At("/tmp/tuesday"), name, SearchOption.AllDirectories));

    private static void RequireFuse()
    {
        Tool.Require("nbdfuse", "fusermount3");
        Assert.SkipUnless(File.Exists("/dev/fuse"), "Needs FUSE (/dev/fuse isn't there).");
        if (!Root.Is)
        {
            Tool.Require("fls", "icat");
        }
    }
}
