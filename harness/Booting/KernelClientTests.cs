using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using static Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Booting;

/// <summary>Linux's own NBD client, in a virtual machine, since few kernels that tests run on have it.</summary>
public sealed partial class KernelClientTests : IDisposable
{
    private const int Length = 8 << 20;

    /// <summary>In the order in which they need each other.</summary>
    private static readonly string[] Modules =
    [
        "virtio_ring", "virtio", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci", "failover", "net_failover", "virtio_net", "nbd",
    ];

    private readonly TempFolder folder = new("kernelclient");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_kernel_attaches_a_point_as_a_block_device_and_reads_it()
    {
        GuestKernel.Require();
        Tool.Require("qemu-system-x86_64", "busybox", "nbd-client", "ldd");
        var source = Noise(folder, "source", Length);
        var chain = Backup(source, folder.At("store")).Text("chain");
        using var served = ServeProcess.Start(chain, "--listen", "127.0.0.1:0");
        var port = new Uri(served.Uri).Port.ToString(CultureInfo.InvariantCulture);
        File.WriteAllBytes(folder.At("initrd"), InitialDisk(port));

        // The machine's network is qemu's own, in which 10.0.2.2 is this machine's loopback.
        var result = Tool.Start(
            "qemu-system-x86_64",
            [
                "-accel", "tcg", "-cpu", "max", "-m", "256M", "-display", "none", "-serial", "stdio", "-monitor", "none", "-no-reboot",
                "-kernel", GuestKernel.Image, "-initrd", folder.At("initrd"), "-append", "console=ttyS0 quiet panic=1 no_timer_check",
                "-nic", "user,model=virtio-net-pci",
            ],
            Patience.Limit).Succeeded();
        Assert.Contains($"TIDEMARK reads {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(source)))}", result.Output, StringComparison.Ordinal);
        Assert.True(served.Terminate()[^1].Number("readBytes") >= Length);
    }

    private static byte[] InitialDisk(string port)
    {
        var script = new StringBuilder("#!/bin/busybox sh\nb=/bin/busybox\n$b mount -t proc proc /proc\n$b mount -t devtmpfs dev /dev\n"
            + "exec >/dev/console 2>&1\n");
        var archive = new CpioArchive();
        foreach (var name in new[] { "bin", "proc", "dev", "lib", "lib64" })
        {
            archive.AddFolder(name);
        }

        archive.AddFile("bin/busybox", File.ReadAllBytes(Tool.Find("busybox")!));
        archive.AddFile("bin/nbd-client", File.ReadAllBytes(Tool.Find("nbd-client")!));
        foreach (Match library in Library().Matches(Tool.Run("ldd", Tool.Find("nbd-client")!).Output))
        {
            // All where the loader looks last, but for the loader itself, whose place is in the program.
            var path = library.Value;
            archive.AddFile(path.StartsWith("/lib64/", StringComparison.Ordinal) ? path[1..] : $"lib/{Path.GetFileName(path)}", File.ReadAllBytes(path));
        }

        foreach (var module in Modules)
        {
            archive.AddFile($"lib/{module}.ko", File.ReadAllBytes(GuestKernel.Find($"{module}.ko")));
            script.Append($"$b insmod /lib/{module}.ko\n");
        }

        script.Append("$b ip link set eth0 up\n$b ip addr add 10.0.2.15/24 dev eth0\n");
        script.Append($"/bin/nbd-client 10.0.2.2 {port} /dev/nbd0\n");
        script.Append("echo \"TIDEMARK reads $($b sha256sum /dev/nbd0)\"\n$b poweroff -f\n");
        archive.AddFile("init", Encoding.UTF8.GetBytes(script.ToString()));
        return archive.ToArray();
    }

    [GeneratedRegex(@"/\S+(?= \(0x)")]
    private static partial Regex Library();
}
