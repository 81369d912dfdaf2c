using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.VirtualDisks;
using Xunit;

namespace Tidemark.Harness.VirtualDisks;

/// <summary>What the tests of virtual disks share.</summary>
internal static class Disks
{
    public static ParentOpener NoParents => (_, _) => null;

    public static VirtualDisk Open(BlockDevice file, ParentOpener? openParent = null)
    {
        Assert.True(VirtualDisk.TryOpen(file, openParent ?? NoParents, out var disk));
        return disk!;
    }

    public static VirtualDisk Open(byte[] file, ParentOpener? openParent = null) =>
        Open(new BytesDevice(file), openParent);

    /// <summary>Opens parents from memory by their last path component.</summary>
    public static ParentOpener From(params (string Name, byte[] File)[] files) => (_, name) =>
    {
        foreach (var (candidate, file) in files)
        {
            if (name == candidate)
            {
                return new BytesDevice(file, candidate);
            }
        }

        return null;
    };

    public static byte[] ReadAll(BlockDevice disk)
    {
        var content = new byte[disk.Length];
        disk.ReadAt(0, content);
        return content;
    }

    /// <summary>Random reads of every alignment must equal the content, and extents must tell the truth.</summary>
    public static void AssertContent(byte[] expected, BlockDevice disk, int seed = 1)
    {
        Assert.Equal(expected.Length, disk.Length);
        AssertEqual(expected, ReadAll(disk));
        var random = new Random(seed);
        for (var i = 0; i < 50; i++)
        {
            var offset = random.Next(expected.Length);
            var part = new byte[random.Next(Math.Min(expected.Length - offset, 3 << 20) + 1)];
            disk.ReadAt(offset, part);
            AssertEqual(expected.AsSpan(offset, part.Length), part);
        }

        long end = 0;
        while (end < disk.Length)
        {
            var extent = disk.ExtentAt(end);
            Assert.Equal(end, extent.Offset);
            Assert.InRange(extent.Length, 1, disk.Length - end);
            if (extent.Kind == ExtentKind.Unallocated)
            {
                Assert.False(expected.AsSpan((int)end, (int)extent.Length).ContainsAnyExcept((byte)0));
            }

            end = extent.End;
        }
    }

    public static long UnallocatedBytes(BlockDevice disk)
    {
        long total = 0;
        for (long at = 0; at < disk.Length;)
        {
            var extent = disk.ExtentAt(at);
            total += extent.Kind == ExtentKind.Unallocated ? extent.Length : 0;
            at = extent.End;
        }

        return total;
    }

    public static byte[] Pattern(int length, int seed)
    {
        var data = new byte[length];
        new Random(seed).NextBytes(data);
        return data;
    }

    private static void AssertEqual(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var same = expected.CommonPrefixLength(actual);
        Assert.True(same == expected.Length, $"content differs at byte {same} of {expected.Length}");
    }
}
