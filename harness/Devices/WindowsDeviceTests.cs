using Tidemark.Engine;
using Tidemark.Engine.Devices;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Devices;

/// <summary>Raw devices and files of Windows.</summary>
[DiffersBySystem]
[Collection(RawDrive.Collection)]
public class WindowsDeviceTests
{
    private const int Mebibyte = 1 << 20;

    [Fact]
    public void A_raw_drive_says_its_size_and_sectors()
    {
        using var device = RawDevice.OpenRead(RawDrive.Path);
        Assert.True(device.IsBlockDevice);
        Assert.True(device.IsDirect);
        Assert.False(device.CanWrite);
        Assert.InRange(device.Length, 64 * Mebibyte, long.MaxValue);
        Assert.Equal(0, device.Length % device.Geometry.LogicalSectorSize);
        var last = new byte[device.Geometry.LogicalSectorSize];
        device.ReadAt(device.Length - last.Length, last);
        device.ReadAt(device.Length - 1, last.AsSpan(0, 1));
        Assert.Throws<NotSupportedException>(() => device.WriteAt(0, [1]));
    }

    [Fact]
    public void A_drive_by_two_names_is_one_device()
    {
        var path = RawDrive.Path;
        Assert.SkipUnless(path.Length == 6, "Needs a drive letter.");
        using var one = RawDevice.OpenRead(path);
        using var two = RawDevice.OpenRead(path[4..]);
        using var folder = new TempFolder("other");
        using var other = RawDevice.OpenRead(folder.Sparse("file", 4096));
        Assert.Equal(one.Identity, two.Identity);
        Assert.NotEqual(one.Identity, other.Identity);
    }

    [Fact]
    public void A_raw_drive_is_zeroed_by_writing()
    {
        using var device = RawDevice.OpenWrite(RawDrive.Path);
        var random = Seed.Random();
        var content = new byte[5 * Mebibyte];
        random.NextBytes(content);
        device.WriteAt(0, content);
        device.WriteZeros(777, (3 * Mebibyte) + 12_345);
        content.AsSpan(777, (3 * Mebibyte) + 12_345).Clear();
        var found = new byte[content.Length];
        device.ReadAt(0, found);
        Assert.Equal(found.Length, found.AsSpan().CommonPrefixLength(content));
        device.Flush();
    }

    [Fact]
    public void What_Windows_runs_from_is_no_target()
    {
        OnlyOn.Windows();
        var drive = Environment.GetFolderPath(Environment.SpecialFolder.Windows)[..2];
        var e = Assert.Throws<TidemarkException>(() => RawDevice.RequireTarget(drive, drive));
        Assert.Equal(TidemarkError.WrongUse, e.Error);
        Assert.Contains("this Windows runs from", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_drive_is_no_target_for_a_chain_on_it()
    {
        OnlyOn.Windows();
        using var folder = new TempFolder("chain");
        var drive = Path.GetFullPath(folder.Path)[..2];
        var system = Environment.GetFolderPath(Environment.SpecialFolder.Windows)[..2];
        Assert.SkipWhen(drive == system, "The folder of the tests lies on the system's drive, which is refused before.");
        var e = Assert.Throws<TidemarkException>(() => RawDevice.RequireTarget(drive, folder.Path));
        Assert.Contains("restoring there would destroy it", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_drive_that_is_not_there_is_wrong_use()
    {
        OnlyOn.Windows();
        var e = Assert.Throws<TidemarkException>(() => RawDevice.OpenRead(@"\\.\Q:"));
        Assert.Contains("is not there", e.Message, StringComparison.Ordinal);
        Assert.Equal(TidemarkError.WrongUse, e.Error);
    }

    [Fact]
    public void A_path_of_any_length_and_any_script_is_opened()
    {
        OnlyOn.Windows();
        using var folder = new TempFolder("long");
        var deep = folder.Path;
        for (var i = 0; i < 8; i++)
        {
            deep = Path.Combine(deep, $"Größe 東京 {i} {new string('x', 40)}");
            Directory.CreateDirectory(deep);
        }

        var path = Path.Combine(deep, "диск.img");
        Assert.InRange(path.Length, 300, 32_000);
        using (var device = RawDevice.Create(path, 100_001))
        {
            device.WriteAt(99_999, [1, 2]);
        }

        using var again = RawDevice.OpenRead(path);
        var found = new byte[2];
        again.ReadAt(99_999, found);
        Assert.Equal([1, 2], found);
    }

    [Fact]
    public void A_folder_and_a_character_device_are_refused()
    {
        OnlyOn.Windows();
        using var folder = new TempFolder("raw");
        Assert.Contains("is a folder", Refusal(folder.Path), StringComparison.Ordinal);
        Assert.Contains("is a character device", Refusal(@"\\.\NUL"), StringComparison.Ordinal);
        static string Refusal(string path) => Assert.Throws<TidemarkException>(() => RawDevice.OpenRead(path)).Message;
    }
}
