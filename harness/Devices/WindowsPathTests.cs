using Tidemark.Engine.Devices;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Devices;

/// <summary>Text alone, so it is tested on every system.</summary>
[DiffersBySystem]
public class WindowsPathTests
{
    [Theory]
    [InlineData("C:", @"\\.\C:")]
    [InlineData("z:", @"\\.\Z:")]
    [InlineData(@"\\.\C:", @"\\.\C:")]
    [InlineData(@"\\.\C:\", @"\\.\C:")]
    [InlineData(@"\\?\C:", @"\\?\C:")]
    [InlineData("//./C:", @"\\.\C:")]
    [InlineData(@"\\?\Volume{c6a4c2f8-5d3c-4a53-9f0a-3a2b8f1d2e3c}\", @"\\?\Volume{c6a4c2f8-5d3c-4a53-9f0a-3a2b8f1d2e3c}")]
    [InlineData(@"\\?\Volume{c6a4c2f8-5d3c-4a53-9f0a-3a2b8f1d2e3c}", @"\\?\Volume{c6a4c2f8-5d3c-4a53-9f0a-3a2b8f1d2e3c}")]
    [InlineData(@"\\.\PhysicalDrive0", @"\\.\PhysicalDrive0")]
    [InlineData(@"\\?\PHYSICALDRIVE12", @"\\?\PHYSICALDRIVE12")]
    [InlineData(@"\\.\HarddiskVolume3", @"\\.\HarddiskVolume3")]
    [InlineData(@"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy17", @"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy17")]
    [InlineData(@"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy17\", @"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy17")]
    [InlineData(@"\\?\GLOBALROOT\Device\Harddisk0\Partition1", @"\\?\GLOBALROOT\Device\Harddisk0\Partition1")]
    public void Devices_are_told_by_their_form(string path, string expected)
    {
        Assert.True(WindowsPath.TryDevice(path, out var device));
        Assert.Equal(expected, device);
    }

    [Theory]
    [InlineData("")]
    [InlineData(@"C:\")]
    [InlineData(@"C:file")]
    [InlineData(@"C:\images\disk.vhdx")]
    [InlineData(@"\\server\share\disk.vhdx")]
    [InlineData(@"\\?\C:\images\disk.vhdx")]
    [InlineData(@"\\?\UNC\server\share\disk.vhdx")]
    [InlineData(@"\\?\Volume{c6a4c2f8-5d3c-4a53-9f0a-3a2b8f1d2e3c}\disk.vhdx")]
    [InlineData(@"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy17\disk.vhdx")]
    [InlineData(@"\\?\GLOBALROOT\Device\")]
    [InlineData(@"\\.\")]
    [InlineData("disk.img")]
    public void Files_and_folders_are_none(string path) => Assert.False(WindowsPath.TryDevice(path, out _));

    [Theory]
    [InlineData(@"C:\", "C:")]
    [InlineData("d:/", "d:")]
    [InlineData("C:", "C:")]
    [InlineData(@"C:\file", @"C:\file")]
    [InlineData(@"1:\", @"1:\")]
    public void A_root_names_its_volume_as_a_source(string path, string source) => Assert.Equal(source, WindowsPath.OfSource(path));

    [Theory]
    [InlineData(@"\\.\PhysicalDrive0", true)]
    [InlineData(@"\\.\PhysicalDrive", false)]
    [InlineData(@"\\.\C:", false)]
    [InlineData(@"\\.\HarddiskVolume3", false)]
    public void Whole_disks_are_told_by_their_name(string device, bool whole) => Assert.Equal(whole, WindowsPath.IsWholeDisk(device));

    [Theory]
    [InlineData(@"C:\a\b", @"\\?\C:\a\b")]
    [InlineData(@"\\server\share\b", @"\\?\UNC\server\share\b")]
    [InlineData(@"\\?\C:\a", @"\\?\C:\a")]
    [InlineData(@"\\.\NUL", @"\\.\NUL")]
    public void Files_get_the_form_of_any_length(string full, string expected) => Assert.Equal(expected, WindowsPath.Extend(full));

    [Fact]
    public void The_readable_end_is_found_by_doubling_and_halving()
    {
        var random = Seed.Random();
        for (var round = 0; round < 300; round++)
        {
            var sector = random.Next(2) == 0 ? 512 : 4096;
            var sectors = random.NextInt64(1L << random.Next(1, 36));
            var asked = 0;
            Assert.Equal(sectors * sector, DeviceSize.ReadableEnd(sector, offset => asked++ >= 0 && offset < sectors * sector));
            Assert.InRange(asked, 1, 80);
        }
    }
}
