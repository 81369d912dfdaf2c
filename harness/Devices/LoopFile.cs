using Tidemark.Harness.Support;

namespace Tidemark.Harness;

/// <summary>A loop device on a sparse file of its own.</summary>
internal sealed class LoopFile : IDisposable
{
    private readonly TempFolder folder;
    private readonly LoopDevice device;

    private LoopFile(TempFolder folder, LoopDevice device)
    {
        this.folder = folder;
        this.device = device;
    }

    public string Device => device.Path;

    public static LoopFile Attach(long length, int sectorSize)
    {
        Root.Require();
        Tool.Require("losetup");
        var folder = new TempFolder("loop");
        return new LoopFile(folder, LoopDevice.Attach(folder.Sparse("disk", length), sectorSize));
    }

    public void Dispose()
    {
        device.Dispose();
        folder.Dispose();
    }
}
