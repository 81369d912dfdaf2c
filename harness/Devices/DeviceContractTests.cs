using Tidemark.Engine.Devices;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Devices;

[DiffersBySystem]
public class MemoryDeviceContractTests : BlockDeviceContract
{
    internal override BlockDevice OpenDevice(int length, out IDisposable keeper)
    {
        keeper = new MemoryStream();
        return new MemoryDevice(length);
    }
}

[DiffersBySystem]
public class RawFileContractTests : BlockDeviceContract
{
    internal override BlockDevice OpenDevice(int length, out IDisposable keeper)
    {
        var folder = new TempFolder("raw");
        keeper = folder;
        return RawDevice.Create(folder.At("file"), length);
    }
}

/// <summary>A file system in memory.</summary>
[DiffersBySystem]
public class TmpfsFileContractTests : BlockDeviceContract
{
    internal override BlockDevice OpenDevice(int length, out IDisposable keeper)
    {
        Assert.SkipUnless(Directory.Exists("/dev/shm"), "Needs /dev/shm.");
        var path = $"/dev/shm/tidemark-{Guid.NewGuid():N}";
        keeper = new Removal(path);
        return RawDevice.Create(path, length);
    }

    private sealed class Removal(string path) : IDisposable
    {
        public void Dispose() => File.Delete(path);
    }
}

[DiffersBySystem]
public class Loop512ContractTests : BlockDeviceContract
{
    protected override int LengthUnit => 512;

    internal override BlockDevice OpenDevice(int length, out IDisposable keeper)
    {
        var loop = LoopFile.Attach(length, 512);
        keeper = loop;
        return RawDevice.OpenWrite(loop.Device);
    }
}

[DiffersBySystem]
public class Loop4096ContractTests : BlockDeviceContract
{
    protected override int LengthUnit => 4096;

    internal override BlockDevice OpenDevice(int length, out IDisposable keeper)
    {
        var loop = LoopFile.Attach(length, 4096);
        keeper = loop;
        return RawDevice.OpenWrite(loop.Device);
    }
}

/// <summary>A raw device on Windows.</summary>
[DiffersBySystem]
[Collection(RawDrive.Collection)]
public class RawDriveContractTests : BlockDeviceContract
{
    protected override int LengthUnit => 512;

    internal override BlockDevice OpenDevice(int length, out IDisposable keeper)
    {
        keeper = new MemoryStream();
        return RawDrive.Open(length);
    }
}

/// <summary>A file on a file system of its own.</summary>
[DiffersBySystem]
public abstract class MountedFileContractTests(string fileSystem) : BlockDeviceContract
{
    internal override BlockDevice OpenDevice(int length, out IDisposable keeper)
    {
        var parts = new Parts();
        keeper = parts;
        parts.Mount = SmallMount.Make(parts.Folder, fileSystem);
        return RawDevice.Create(Path.Combine(parts.Mount.Path, "file"), length);
    }

    private sealed class Parts : IDisposable
    {
        public TempFolder Folder { get; } = new("mounted");

        public SmallMount? Mount { get; set; }

        public void Dispose()
        {
            Mount?.Dispose();
            Folder.Dispose();
        }
    }
}

[DiffersBySystem]
public class XfsFileContractTests() : MountedFileContractTests("xfs");

[DiffersBySystem]
public class BtrfsFileContractTests() : MountedFileContractTests("btrfs");

[DiffersBySystem]
public class NtfsFileContractTests() : MountedFileContractTests("ntfs");

[DiffersBySystem]
public class ExfatFileContractTests() : MountedFileContractTests("exfat");
