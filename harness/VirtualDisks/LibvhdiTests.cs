using System.ComponentModel;
using System.Diagnostics;
using Tidemark.Engine.Devices.VirtualDisks;
using Tidemark.Engine.Devices.VirtualDisks.Vhd;
using Tidemark.Engine.Devices.VirtualDisks.Vhdx;
using Xunit;

namespace Tidemark.Harness.VirtualDisks;

/// <summary>Differencing disks, which qemu doesn't know, judged by libvhdi (Debian package libvhdi-utils).</summary>
public sealed class LibvhdiTests : IDisposable
{
    private const int MiB = 1 << 20;
    private static readonly Guid BaseId = new("00112233-4455-6677-8899-aabbccddeeff");
    private static readonly Guid ChildId = new("10112233-4455-6677-8899-aabbccddeeff");
    private readonly string folder = Directory.CreateTempSubdirectory("tidemark-lv-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_differencing_VHD_reads_as_libvhdi_reads_it()
    {
        var content = new byte[4 * MiB];
        var parent = new VhdBuilder(content.Length, BaseId) { BlockSize = 2 * MiB };
        var child = new VhdBuilder(content.Length, ChildId)
        {
            BlockSize = 2 * MiB,
            ParentId = BaseId,
            ParentName = "base.vhd",
            ParentNames =
            [
                (VhdParentLocator.RelativeWindowsPath, @".\base.vhd"),
                (VhdParentLocator.AbsoluteWindowsPath, @"C:\disks\base.vhd"),
            ],
        };
        Fill(content, parent.Write, 0, 1);
        Fill(content, child.Write, 512, 2);
        Judge(content, parent.BuildDynamic(), child.BuildDynamic(), "vhd");
    }

    [Fact]
    public void A_differencing_VHDX_reads_as_libvhdi_reads_it()
    {
        var content = new byte[4 * MiB];
        var parent = new VhdxBuilder(content.Length) { DataWriteGuid = BaseId };
        var child = new VhdxBuilder(content.Length)
        {
            DataWriteGuid = ChildId,
            Parent = new VhdxParentLocator(
            [
                .. VhdxTests.Locator(BaseId, @".\base.vhdx").Values,
                new(VhdxParentLocator.AbsolutePath, @"C:\disks\base.vhdx"),
            ]),
        };
        Fill(content, parent.Write, 0, 3);
        Fill(content, child.Write, 512, 4);
        Judge(content, parent.Build(), child.Build(), "vhdx");
    }

    private delegate void Write(long offset, ReadOnlySpan<byte> data);

    /// <summary>
    /// Runs that begin at any sector and end where a byte of the bitmap does: libvhdi (20210425) takes all sectors of
    /// a byte behind the first present one for present.
    /// </summary>
    private static void Fill(byte[] content, Write write, int offset, int seed)
    {
        const int byteOfBitmap = 8 * 512;
        var random = new Random(seed);
        for (var at = offset; at < content.Length - (2 * byteOfBitmap); at += random.Next(0, 200) * 512)
        {
            var end = (at / byteOfBitmap * byteOfBitmap) + (random.Next(1, 3) * byteOfBitmap);
            var data = Disks.Pattern(end - at, at + seed);
            write(at, data);
            data.CopyTo(content, at);
            at = end;
        }
    }

    private void Judge(byte[] content, byte[] parent, byte[] child, string extension)
    {
        var path = Path.Combine(folder, "child." + extension);
        File.WriteAllBytes(Path.Combine(folder, "base." + extension), parent);
        File.WriteAllBytes(path, child);
        using (var disk = Disks.Open(new PlainFileDevice(path), ParentFiles.Open))
        {
            Disks.AssertContent(content, disk);
        }

        var mount = Directory.CreateDirectory(Path.Combine(folder, "mount")).FullName;
        if (Run("vhdimount", path, mount) != 0)
        {
            Assert.Skip("vhdimount can't mount here; FUSE is needed");
        }

        try
        {
            var newest = Directory.GetFiles(mount).Order(StringComparer.Ordinal).Last();
            Assert.True(content.AsSpan().SequenceEqual(File.ReadAllBytes(newest)), $"{newest} differs");
        }
        finally
        {
            Run("fusermount3", "-u", mount);
        }
    }

    private static int Run(string program, params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
            using var process = Process.Start(start)!;
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (Win32Exception)
        {
            Assert.Skip($"{program} is not installed (Debian packages libvhdi-utils and fuse3)");
            throw;
        }
    }
}
