using System.Diagnostics;
using System.Security.Cryptography;
using Tidemark.Engine.Devices;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>What a program holds by a lock isn't written to, with --force neither, and imaged with a warning.</summary>
[DiffersBySystem]
public sealed class HeldTargetTests : IDisposable
{
    private const int Size = 1 << 20;
    private readonly TempFolder folder = new("held");

    public void Dispose() => folder.Dispose();

    [Fact]
    [Case("4.12")]
    public void Two_runs_never_write_to_one_file()
    {
        var chain = Chain();
        var target = Cli.Noise(folder, "disk.img", Size, 2);
        var before = FileTree.Hash(target);

        // This is all that a run has of its target, as long as it writes.
        using (RawDevice.OpenWrite(target))
        {
            RefuseAll(chain, target);
        }

        Assert.Equal(before, FileTree.Hash(target));
        using (RawDevice.Create(folder.At("new"), Size))
        {
            RefuseAll(chain, folder.At("new"));
        }

        using (RawDevice.Create(target + Tidemark.Engine.Operations.Exports.ExportTarget.TemporaryExtension, 0))
        {
            TidemarkCli.Run("export", chain, target, "--format", "raw", "--force", "--json").Refused(Cli.Busy, "busy");
        }

        TidemarkCli.Run("restore", chain, target, "--force").Succeeded();
        Assert.Equal(FileTree.Hash(folder.At("source")), FileTree.Hash(target));
    }

    [Fact]
    [Case("1.4")]
    public void A_running_machine_keeps_its_disk()
    {
        OnlyOn.Linux();
        Tool.Require("qemu-nbd");
        var chain = Chain();
        var disk = Cli.Noise(folder, "disk.img", Size, 2);
        using (BackgroundTool.StartAt(folder.At("s"), "qemu-nbd", "-t", "-f", "raw", "-k", folder.At("s"), disk))
        {
            RefuseAll(chain, disk);
            Assert.Contains("QEMU", Warning(disk), StringComparison.Ordinal);
        }

        using (BackgroundTool.StartAt(folder.At("r"), "qemu-nbd", "-t", "-r", "-f", "raw", "-k", folder.At("r"), disk))
        {
            RefuseAll(chain, disk);
            Assert.Null(Warning(disk));
        }
    }

    [Fact]
    [Case("1.4")]
    public void Locks_of_every_kind_are_heeded()
    {
        OnlyOn.Linux();
        Tool.Require("python3");
        var chain = Chain();
        var disk = Cli.Noise(folder, "disk.img", Size, 2);

        // Of each: how it is taken, and whether whoever has it writes.
        foreach (var (take, writes) in new[]
        {
            ("fcntl.flock(f, fcntl.LOCK_EX)", true), ("fcntl.flock(f, fcntl.LOCK_SH)", false),
            ("fcntl.lockf(f, fcntl.LOCK_EX, 10, 5000)", true), ("fcntl.lockf(f, fcntl.LOCK_SH)", false),
            ("fcntl.fcntl(f, fcntl.F_SETLEASE, fcntl.F_WRLCK)", true),
        })
        {
            using (Holding(disk, take))
            {
                if (!take.Contains("LEASE", StringComparison.Ordinal))
                {
                    RefuseAll(chain, disk);
                    Assert.Equal(writes, Warning(disk) is not null);
                }
                else
                {
                    // The first who asks has the kernel call the lease in.
                    TidemarkCli.Run("restore", chain, disk, "--force", "--json").Refused(Cli.Busy, "busy");
                }
            }
        }
    }

    [Fact]
    [Case("1.4")]
    public void A_file_behind_a_loop_device_is_refused_though_nobody_mounted_it()
    {
        Root.Require();
        var chain = Chain();
        var disk = Cli.Noise(folder, "disk.img", Size, 2);
        File.CreateSymbolicLink(folder.At("link"), disk);
        using (var loop = LoopDevice.Attach(disk))
        {
            foreach (var path in new[] { disk, folder.At("link") })
            {
                var message = TidemarkCli.Run("restore", chain, path, "--force", "--json").Refused(Cli.WrongUse, "wrongUse");
                Assert.Contains(loop.Path, message, StringComparison.Ordinal);
                TidemarkCli.Run("restore", chain, path, "--force", "--delta", "--json").Refused(Cli.WrongUse, "wrongUse");
                TidemarkCli.Run("export", chain, path, "--format", "raw", "--force", "--json").Refused(Cli.WrongUse, "wrongUse");
            }

            Assert.Contains(loop.Path, Warning(disk), StringComparison.Ordinal);
            TidemarkCli.Run("restore", chain, loop, "--force").Succeeded();
        }

        using (LoopDevice.Attach(disk, readOnly: true))
        {
            Assert.Null(Warning(disk));
        }
    }

    private string Chain() => Cli.Backup(Cli.Noise(folder, "source", Size), folder.At("store"), "--compress", "none").Text("chain");

    private static void RefuseAll(string chain, string target)
    {
        var before = Hash(target);
        string[][] verbs =
        [
            ["restore", chain, target], ["restore", chain, target, "--delta"], ["restore", chain, target, "--resume"],
            ["export", chain, target, "--format", "raw"],
        ];
        foreach (var verb in verbs)
        {
            Assert.Contains("in use", TidemarkCli.Run([.. verb, "--force", "--json"]).Refused(Cli.Busy, "busy"), StringComparison.Ordinal);
        }

        Assert.Equal(before, Hash(target));
    }

    // The runtime takes a lock of its own where a file is opened as usual.
    private static string Hash(string path)
    {
        using var file = RawDevice.OpenRead(path);
        var content = new byte[file.Length];
        file.ReadAt(0, content);
        return Convert.ToHexString(SHA256.HashData(content));
    }

    private string? Warning(string disk)
    {
        var events = TidemarkCli.Run("backup", disk, "--to", folder.At("live"), "--json").Succeeded().Events;
        var warning = events.FirstOrDefault(e => e.Text("event") == "warning");
        return warning.ValueKind == System.Text.Json.JsonValueKind.Undefined ? null : warning.Text("message");
    }

    /// <summary>A program that holds a file until it is disposed.</summary>
    private static Ending Holding(string file, string take)
    {
        var program = $"import fcntl,signal,sys\nsignal.signal(signal.SIGIO, signal.SIG_IGN)\nf=open('{file}','r+b')\n{take}\nprint('held', flush=True)\nsys.stdin.read()";
        var process = Process.Start(new ProcessStartInfo(Tool.Find("python3")!, ["-c", program])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("held", process.StandardOutput.ReadLine());
        return new Ending(process);
    }

    private sealed class Ending(Process process) : IDisposable
    {
        public void Dispose()
        {
            process.StandardInput.Close();
            process.WaitForExit();
            process.Dispose();
        }
    }
}
