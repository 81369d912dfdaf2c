using Tidemark.Engine.Stores;
using Tidemark.Harness.Support;
using Xunit;
using static Tidemark.Harness.CommandLine.Cli;
using static Tidemark.Harness.Readme.ReadmeSandbox;

namespace Tidemark.Harness.Readme;

/// <summary>The README's examples of checking, repairing and keeping chains.</summary>
internal static class UpkeepExamples
{
    public static IEnumerable<(string Command, Action<ReadmeSandbox> Proof)> All =>
    [
        ("tidemark verify /backup", Verified),
        ("tidemark verify /backup --deep", Verified),
        ("tidemark repair /backup/sdb1-1b4e28ba", Repaired),
        ("tidemark heal /backup/sdb1-1b4e28ba --from /dev/sdb1", Healed),
        ("tidemark verify /backup/sdb1-1b4e28ba --against /dev/sdb1", Compared),
        ("tidemark diff /backup/sdb1-1b4e28ba@2 /backup/sdb1-1b4e28ba@3", Diffed),
        ("tidemark unlock /backup/sdb1-1b4e28ba", Unlocked),
        ("tidemark key /backup/sdb1-1b4e28ba --passphrase-file old --new-passphrase-file new", KeyChanged),
    ];

    private static string First(ReadmeSandbox sandbox) => sandbox.At(VolumeChain + "/000001.tdi");

    private static void Verified(ReadmeSandbox sandbox)
    {
        sandbox.AddVolumeChain();
        sandbox.Run();
        Flip(First(sandbox), new FileInfo(First(sandbox)).Length / 2);
        sandbox.Run(Damaged);
    }

    private static void Repaired(ReadmeSandbox sandbox)
    {
        sandbox.AddVolumeChain();
        // The header, without which nothing of the image is read.
        Overwrite(First(sandbox), 0, 100, 5);
        sandbox.Run("tidemark verify /backup", Damaged);
        sandbox.Run();
        sandbox.Run("tidemark verify /backup --deep");
        sandbox.Proves(VolumeChain, sandbox.PointOf(VolumeChain, 3));
    }

    private static void Healed(ReadmeSandbox sandbox)
    {
        sandbox.AddVolumeChain();
        // In the noise of the first image's frames, and too much for a repair.
        Overwrite(First(sandbox), new FileInfo(First(sandbox)).Length * 3 / 4, 100, 5);
        sandbox.Run("tidemark verify /backup", Damaged);
        sandbox.Run();
        sandbox.Run("tidemark verify /backup --deep");
        sandbox.Proves(VolumeChain, sandbox.PointOf(VolumeChain, 3));
    }

    private static void Compared(ReadmeSandbox sandbox)
    {
        sandbox.AddVolumeChain();
        sandbox.Run();
        sandbox.Change("/dev/sdb1", 4);
        Assert.Contains("DIFFERENT", sandbox.Run(Failed), StringComparison.Ordinal);
    }

    private static void Diffed(ReadmeSandbox sandbox)
    {
        sandbox.AddVolumeChain();
        var begin = ReadmeSources.ChangeOf(3) / 4096 * 4096;
        Assert.Contains(FormattableString.Invariant($"{begin}\t"), sandbox.Run(), StringComparison.Ordinal);
    }

    private static void Unlocked(ReadmeSandbox sandbox)
    {
        sandbox.AddVolumeChain(points: 1);
        var other = LockSelf.Current with { Machine = LockSelf.Hash("other", "other"), Host = "other-machine", Process = 4711 };
        File.WriteAllBytes(
            sandbox.At($"{VolumeChain}/{StoreNames.OwnerFile}"), other.Owner(Guid.NewGuid(), DateTimeOffset.UtcNow.AddHours(-1)).ToBytes());
        sandbox.Run("tidemark backup /dev/sdb1 --to /backup", Busy);
        Assert.Contains("other-machine", sandbox.Run(), StringComparison.Ordinal);
        sandbox.Run("tidemark backup /dev/sdb1 --to /backup");
    }

    private static void KeyChanged(ReadmeSandbox sandbox)
    {
        File.WriteAllText(sandbox.At("old"), "correct horse\n");
        File.WriteAllText(sandbox.At("new"), "battery staple\n");
        sandbox.AddVolumeChain(points: 1, "--passphrase-file old");
        sandbox.Run();
        sandbox.Run($"tidemark restore {VolumeChain} proof --passphrase-file old", Key);
        sandbox.Proves(VolumeChain, sandbox.PointOf(VolumeChain, 1), "--passphrase-file new");
    }
}
