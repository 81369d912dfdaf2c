using Tidemark.Engine.Allocation.Ntfs;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Allocation;

/// <summary>Windows' own bitmap of a volume.</summary>
[DiffersBySystem]
[Collection(RawDrive.Collection)]
public class VolumeBitmapTests
{
    [Fact]
    public void A_file_has_none()
    {
        OnlyOn.Windows();
        using var folder = new TempFolder("volume-bitmap");
        using var file = File.OpenHandle(folder.Sparse("file", 1 << 20), options: FileOptions.Asynchronous);
        Assert.Null(VolumeBitmap.TryOpen(file));
    }

    [Fact]
    public void A_volume_without_a_file_system_of_Windows_has_none()
    {
        using var volume = File.OpenHandle(RawDrive.Path, options: FileOptions.Asynchronous, share: FileShare.ReadWrite);
        Assert.Null(VolumeBitmap.TryOpen(volume));
    }
}
