using Tidemark.Engine.Devices;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Devices;

/// <summary>What a path means on Windows, and how VSS and the functions for volumes want it. Text alone, so it is tested on every system.</summary>
[DiffersBySystem]
public class WindowsPlaceTests
{
    private const string Data = @"\\?\Volume{33333333-3333-3333-3333-333333333333}\";

    [Theory]
    [InlineData("c:", WindowsPlaceKind.Volume, @"\\.\C:")]
    [InlineData(@"C:\", WindowsPlaceKind.Volume, @"\\.\C:")]
    [InlineData(@"\\?\C:", WindowsPlaceKind.Volume, @"\\.\C:")]
    [InlineData("//./c:", WindowsPlaceKind.Volume, @"\\.\C:")]
    [InlineData(Data, WindowsPlaceKind.Volume, @"\\?\Volume{33333333-3333-3333-3333-333333333333}")]
    [InlineData(@"\\?\physicaldrive12", WindowsPlaceKind.Disk, @"\\.\PhysicalDrive12")]
    [InlineData(@"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy7", WindowsPlaceKind.Device, @"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy7")]
    [InlineData(@"C:\file", WindowsPlaceKind.Ordinary, @"C:\file")]
    [InlineData(@"\\?\C:\file", WindowsPlaceKind.Ordinary, @"\\?\C:\file")]
    [InlineData(Data + "file", WindowsPlaceKind.Ordinary, Data + "file")]
    [InlineData(@"\\server\share", WindowsPlaceKind.Ordinary, @"\\server\share")]
    [InlineData("file", WindowsPlaceKind.Ordinary, "file")]
    internal void A_path_is_a_volume_a_disk_a_device_or_a_file(string path, WindowsPlaceKind kind, string device) =>
        Assert.Equal((kind, device), (WindowsPlace.Parse(path).Kind, WindowsPlace.Parse(path).Device));

    [Theory]
    [InlineData(@"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy7\disk.img")]
    [InlineData(@"\\.\")]
    [InlineData(@"\\?\file")]
    internal void A_file_behind_a_device_and_half_a_name_are_no_devices(string path) =>
        Assert.Equal(WindowsPlaceKind.Ordinary, WindowsPlace.Parse(path).Kind);

    [Theory]
    [InlineData("C:", @"C:\")]
    [InlineData("c:", @"C:\")]
    [InlineData(@"d:\", @"D:\")]
    [InlineData(@"\\.\C:", @"C:\")]
    [InlineData(@"\\?\c:", @"C:\")]
    [InlineData("//./C:", @"C:\")]
    [InlineData(@"\\?\Volume{0A1B2C3D-0001-0002-0003-000000000004}", @"\\?\Volume{0a1b2c3d-0001-0002-0003-000000000004}\")]
    [InlineData(@"\\?\Volume{0a1b2c3d-0001-0002-0003-000000000004}\", @"\\?\Volume{0a1b2c3d-0001-0002-0003-000000000004}\")]
    [InlineData(@"\\.\volume{0a1b2c3d-0001-0002-0003-000000000004}", @"\\?\Volume{0a1b2c3d-0001-0002-0003-000000000004}\")]
    public void A_volume_is_named_by_its_root(string path, string root) => Assert.Equal(root, WindowsPlace.Parse(path).Root);

    [Theory]
    [InlineData(@"\\.\PhysicalDrive0")]
    [InlineData(@"C:\disk.img")]
    [InlineData("disk.img")]
    [InlineData("")]
    [InlineData("1:")]
    [InlineData(@"\\server\share")]
    [InlineData(@"\\?\Volume{not a guid}")]
    [InlineData(@"Volume{0a1b2c3d-0001-0002-0003-000000000004}")]
    [InlineData(@"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy3")]
    public void Everything_else_is_no_volume(string path) => Assert.Null(WindowsPlace.Parse(path).Root);

    [Theory]
    [InlineData(@"\\.\PhysicalDrive0", true)]
    [InlineData(@"\\?\physicaldrive12", true)]
    [InlineData("//./PhysicalDrive3", true)]
    [InlineData(@"\\.\PhysicalDrive", false)]
    [InlineData(@"\\.\PhysicalDrive1x", false)]
    [InlineData("PhysicalDrive1", false)]
    [InlineData("C:", false)]
    public void A_whole_disk_is_known(string path, bool isDisk) => Assert.Equal(isDisk, WindowsPlace.Parse(path).Kind == WindowsPlaceKind.Disk);
}
