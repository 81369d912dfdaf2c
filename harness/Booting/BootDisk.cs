using System.Security.Cryptography;
using System.Text;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Booting;

/// <summary>
/// A disk that boots, made here: a GPT with a FAT partition, from which a BIOS starts syslinux and EFI starts
/// systemd-boot, and an ext4 partition. Debian's kernel for clouds starts a small system from an initial RAM disk, which
/// mounts the ext4 volume, says on the serial console which point in time it found there and the sum of a larger file,
/// writes to the volume, and switches off.
/// </summary>
internal sealed class BootDisk
{
    private const string Stub = "/usr/lib/systemd/boot/efi/systemd-bootx64.efi";
    private const string MbrCode = "/usr/lib/syslinux/mbr/gptmbr.bin";
    private const long MiB = 1 << 20;
    private const long BootOffset = 1 * MiB;
    private const long BootBytes = 40 * MiB;
    private const long RootOffset = 42 * MiB;
    private const long RootBytes = 24 * MiB;
    private const long DiskBytes = 68 * MiB;

    /// <summary>In the order in which they need each other.</summary>
    private static readonly string[] Modules =
        ["virtio_ring", "virtio", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci", "virtio_blk"];

    private readonly TempFolder folder;
    private readonly string root;
    private string payload = "";

    public BootDisk(TempFolder folder)
    {
        this.folder = folder;
        Path = folder.Sparse("disk.img", DiskBytes);
        root = folder.Sparse("root.img", RootBytes);
        Directory.CreateDirectory(folder.At("empty"));
        Tool.Run("mkfs.ext4", "-q", "-F", "-d", folder.At("empty"), root);
        // One MBR partition entry of the GPT's own kind, marked for the BIOS; the second takes the rest.
        Tool.Run(
            "sgdisk", "--new=1:2048:+40M", "--typecode=1:ef00", "--attributes=1:set:2", "--new=2:86016:+24M", "--typecode=2:8300", Path);
        Place(MakeBootVolume(), BootOffset);
        Place(MbrCode, 0);
    }

    /// <summary>The disk.</summary>
    public string Path { get; }

    /// <summary>Skips the test unless all that it is made of is here.</summary>
    public static void Require()
    {
        OnlyOn.Linux();
        Tool.Require("qemu-system-x86_64", "sgdisk", "mkfs.fat", "mkfs.ext4", "debugfs", "mcopy", "mmd", "syslinux", "busybox");
        Assert.SkipUnless(File.Exists(Stub), "Needs systemd-boot (package systemd-boot-efi).");
        Assert.SkipUnless(File.Exists(MbrCode), "Needs syslinux's boot code (package syslinux-common).");
        GuestKernel.Require();
    }

    /// <summary>Makes the disk the machine's state at a point in time.</summary>
    /// <returns>What its console says there and at no other point.</returns>
    public string Become(int point)
    {
        var content = new byte[400_000];
        new Random(point).NextBytes(content);
        payload = Convert.ToHexStringLower(SHA256.HashData(content))[..16];
        File.WriteAllBytes(folder.At("payload"), content);
        File.WriteAllText(folder.At("point"), $"{point}\n");
        foreach (var name in new[] { "point", "payload" })
        {
            Tool.Try("debugfs", "-w", "-R", $"rm /{name}", root);
            Tool.Run("debugfs", "-w", "-R", $"write {folder.At(name)} {name}", root);
        }

        Place(root, RootOffset);
        return $"TIDEMARK point {point} payload {payload}";
    }

    private string MakeBootVolume()
    {
        var volume = folder.Sparse("boot.img", BootBytes);
        Tool.Run("mkfs.fat", "-F", "32", "-s", "1", volume);
        Tool.Run("syslinux", "--install", volume);
        const string Options = "console=ttyS0 quiet panic=5 no_timer_check";
        Write("syslinux.cfg", $"DEFAULT linux\nPROMPT 0\nTIMEOUT 0\nLABEL linux\n  LINUX /vmlinuz\n  INITRD /initrd\n  APPEND {Options}\n");
        Write("loader.conf", "timeout 0\n");
        Write("linux.conf", $"title linux\nlinux /vmlinuz\ninitrd /initrd\noptions {Options}\n");
        Tool.Run("mmd", "-i", volume, "::/EFI", "::/EFI/BOOT", "::/loader", "::/loader/entries");
        Tool.Run("mcopy", "-i", volume, GuestKernel.Image, "::/vmlinuz");
        Tool.Run("mcopy", "-i", volume, MakeInitialDisk(), folder.At("syslinux.cfg"), "::/");
        Tool.Run("mcopy", "-i", volume, folder.At("loader.conf"), "::/loader/");
        Tool.Run("mcopy", "-i", volume, folder.At("linux.conf"), "::/loader/entries/");
        Tool.Run("mcopy", "-i", volume, Stub, "::/EFI/BOOT/BOOTX64.EFI");
        return volume;
    }

    private string MakeInitialDisk()
    {
        var script = new StringBuilder("""
            #!/bin/busybox sh
            b=/bin/busybox
            $b mount -t proc proc /proc
            $b mount -t devtmpfs dev /dev
            exec >/dev/console 2>&1

            """.ReplaceLineEndings("\n"));
        var archive = new CpioArchive();
        foreach (var name in new[] { "bin", "proc", "dev", "mnt", "lib" })
        {
            archive.AddFolder(name);
        }

        archive.AddFile("bin/busybox", File.ReadAllBytes(Tool.Find("busybox")!));
        foreach (var module in Modules)
        {
            archive.AddFile($"lib/{module}.ko", File.ReadAllBytes(GuestKernel.Find($"{module}.ko")));
            script.Append($"$b insmod /lib/{module}.ko\n");
        }

        script.Append("""
            i=0; while [ ! -b /dev/vda2 ] && [ $i -lt 50 ]; do $b sleep 0.1; i=$((i+1)); done
            $b mount -t ext4 /dev/vda2 /mnt
            echo "TIDEMARK point $($b cat /mnt/point) payload $($b sha256sum /mnt/payload | $b cut -c1-16)"
            $b date > /mnt/was-here && $b sync && $b umount /mnt && echo "TIDEMARK wrote"
            echo "tidemark login: "
            $b poweroff -f

            """.ReplaceLineEndings("\n"));
        archive.AddFile("init", Encoding.UTF8.GetBytes(script.ToString()));
        File.WriteAllBytes(folder.At("initrd"), archive.ToArray());
        return folder.At("initrd");
    }

    private void Place(string file, long offset)
    {
        using var disk = new FileStream(Path, FileMode.Open, FileAccess.Write);
        disk.Position = offset;
        using var content = File.OpenRead(file);
        content.CopyTo(disk);
    }

    private void Write(string name, string text) => File.WriteAllText(folder.At(name), text);
}
