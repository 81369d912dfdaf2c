using System.Buffers.Binary;
using Tidemark.Engine;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.VirtualDisks;
using Tidemark.Engine.Devices.VirtualDisks.Vhd;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.VirtualDisks;

[DiffersBySystem]
public class VhdTests
{
    private const int DiskSize = 1 << 20;
    private static readonly Guid BaseId = new("00112233-4455-6677-8899-aabbccddeeff");
    private static readonly Guid ChildId = new("10112233-4455-6677-8899-aabbccddeeff");

    [Fact]
    public void A_footer_and_a_header_are_read_as_written()
    {
        var footer = new VhdFooter
        {
            DataOffset = 512,
            TimeStamp = 123,
            CreatorApplication = "abcd",
            OriginalSize = 5,
            CurrentSize = 6,
            Geometry = new VhdGeometry(7, 8, 9),
            Type = VhdDiskType.Differencing,
            UniqueId = BaseId,
            SavedState = true,
        };
        var bytes = new byte[VhdDynamicHeader.Size];
        footer.Write(bytes);
        Assert.Equal(footer, VhdFooter.Read(bytes, out _));
        Assert.Equal(0x00, bytes[68]);
        Assert.Equal(0xFF, bytes[83]);

        var header = new VhdDynamicHeader
        {
            TableOffset = 1536,
            MaxTableEntries = 10,
            ParentUniqueId = ChildId,
            ParentTimeStamp = 4,
            ParentName = "parent.vhd",
            ParentLocators = [.. Enumerable.Range(1, 8).Select(i => new VhdParentLocator((uint)i, 2, 3, 4))],
        };
        header.Write(bytes);
        var read = VhdDynamicHeader.Read(bytes, out _)!;
        Assert.Equal(header.ParentLocators, read.ParentLocators);
        Assert.Equal(header, read with { ParentLocators = header.ParentLocators });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_disk_of_our_own_reads_as_it_was_written(bool isFixed)
    {
        var (builder, content) = Sample();
        using var disk = Disks.Open(isFixed ? builder.BuildFixed() : builder.BuildDynamic());
        Disks.AssertContent(content, disk);
        Assert.Equal(BaseId, disk.UniqueId);
        Assert.Equal(isFixed ? "VHD, fixed" : "VHD, dynamic", disk.FormatName);
        Assert.Equal(512, disk.Geometry.LogicalSectorSize);
        Assert.Equal(isFixed ? 0 : DiskSize - 70_144, Disks.UnallocatedBytes(disk));
    }

    [Fact]
    public void A_sector_without_its_bit_is_zero_in_a_dynamic_disk()
    {
        // The builder fills absent sectors of present blocks with rubbish, so the content is right only by the bits.
        var builder = new VhdBuilder(DiskSize, BaseId);
        var content = new byte[DiskSize];
        foreach (var sector in (int[])[0, 2, 3, 9, 127, 128, 300])
        {
            var data = Disks.Pattern(512, sector);
            data.CopyTo(content, sector * 512);
            builder.Write(sector * 512, data);
        }

        Disks.AssertContent(content, Disks.Open(builder.BuildDynamic()));
    }

    [Fact]
    public void A_large_read_of_neighbouring_sectors_is_one_read_below()
    {
        var (builder, content) = Sample();
        var file = new BytesDevice(builder.BuildFixed());
        var disk = Disks.Open(file);
        var before = file.Reads;
        Assert.Equal(content, Disks.ReadAll(disk));
        Assert.Equal(before + 1, file.Reads);
    }

    [Theory]
    [InlineData("vpc ")]
    [InlineData("qemu")]
    [InlineData("qem2")]
    [InlineData("win ")]
    [InlineData("vbox")]
    public void A_geometry_that_is_rounded_cuts_nothing_off(string creator)
    {
        var size = 3_000_320;
        var builder = new VhdBuilder(size, BaseId) { Creator = creator };
        using var disk = Disks.Open(builder.BuildFixed());
        Assert.Equal(size, disk.Length);
        Assert.NotEqual(VhdGeometry.Of(size).Bytes, size);
        Assert.Empty(disk.Notes);
    }

    [Fact]
    public void A_dynamic_disk_that_lost_its_footer_is_read_by_the_copy()
    {
        var (builder, content) = Sample();
        var file = builder.BuildDynamic();
        Disks.AssertContent(content, Disks.Open(file[..^512]));
        file.AsSpan(file.Length - 512).Clear();
        Disks.AssertContent(content, Disks.Open(file));
    }

    [Fact]
    public void A_footer_of_511_bytes_is_taken()
    {
        var (builder, content) = Sample();
        var file = builder.BuildFixed();
        Disks.AssertContent(content, Disks.Open(file[..^1]));
    }

    [Fact]
    public void A_file_that_is_no_virtual_disk_is_not_taken()
    {
        var file = new BytesDevice(Disks.Pattern(5000, 1));
        Assert.False(VirtualDisk.TryOpen(file, Disks.NoParents, out var disk));
        Assert.Null(disk);
        Assert.False(file.Disposed);
        Assert.False(VirtualDisk.TryOpen(new BytesDevice([]), Disks.NoParents, out _));
        Assert.False(VirtualDisk.TryOpen(new BytesDevice(new byte[511]), Disks.NoParents, out _));
    }

    [Fact]
    public void A_block_outside_the_file_fails_alone_and_as_a_read_error()
    {
        var (builder, content) = Sample();
        var file = builder.BuildDynamic();
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan((int)VhdBuilder.TableOffset), 0x7FFFFFFF);
        using var disk = Disks.Open(file);
        var buffer = new byte[1024];
        var error = Assert.Throws<DeviceIoException>(() => disk.ReadAt(0, buffer));
        Assert.Contains("behind the end of the file", error.Message, StringComparison.Ordinal);
        Assert.Equal(ExtentKind.Data, disk.ExtentAt(0).Kind);
        disk.ReadAt(512 * 1024, buffer);
        Assert.Equal(content.AsSpan(512 * 1024, 1024).ToArray(), buffer);
    }

    [Fact]
    public void A_chain_reads_as_the_newest_that_holds_each_sector()
    {
        var (builder, content) = Sample();
        var child = Child(ChildId, BaseId, [(VhdParentLocator.RelativeWindowsPath, @"..\disks\base.vhd")]);
        Write(child, content, 1024, 4096, 5);
        Write(child, content, 600 * 1024, 100 * 1024, 6);
        var grandchildId = new Guid("20112233-4455-6677-8899-aabbccddeeff");
        var grandchild = Child(grandchildId, ChildId, [(VhdParentLocator.AbsoluteWindowsPath, @"C:\x\child.vhd")]);
        Write(grandchild, content, 2048, 512, 7);
        Write(grandchild, content, DiskSize - 512, 512, 8);

        var opener = Disks.From(("../disks/base.vhd", builder.BuildDynamic()), ("child.vhd", child.BuildDynamic()));
        using var disk = Disks.Open(grandchild.BuildDynamic(), opener);
        Disks.AssertContent(content, disk);
        Assert.Equal(BaseId, disk.UniqueId);
        Assert.Equal("VHD, differencing", disk.FormatName);
        Assert.True(Disks.UnallocatedBytes(disk) > DiskSize / 2);
    }

    [Fact]
    public void The_relative_name_is_asked_for_first_and_another_disk_is_passed_over()
    {
        var (builder, content) = Sample();
        var wrong = new VhdBuilder(DiskSize, new Guid("ff112233-4455-6677-8899-aabbccddeeff")).BuildFixed();
        var child = Child(
            ChildId,
            BaseId,
            [(VhdParentLocator.AbsoluteWindowsPath, @"D:\abs\base.vhd"), (VhdParentLocator.RelativeWindowsPath, @".\base.vhd")]);
        var asked = new List<string>();
        var opened = new List<BytesDevice>();
        using var disk = Disks.Open(
            child.BuildDynamic(),
            (_, name) =>
            {
                asked.Add(name);
                opened.Add(new BytesDevice(name == "./base.vhd" ? wrong : builder.BuildFixed(), name));
                return opened[^1];
            });
        Assert.Equal(["./base.vhd", "D:/abs/base.vhd"], asked);
        Assert.True(opened[0].Disposed);
        Disks.AssertContent(content, disk);
        disk.Dispose();
        Assert.True(opened[1].Disposed);
    }

    [Fact]
    public void A_missing_parent_is_named_with_all_that_was_tried()
    {
        var child = Child(ChildId, BaseId, [(VhdParentLocator.RelativeWindowsPath, @".\gone.vhd")]);
        var error = Assert.Throws<TidemarkException>(() => Disks.Open(child.BuildDynamic()));
        Assert.Contains("'./gone.vhd' is not there", error.Message, StringComparison.Ordinal);
        var file = new BytesDevice(child.BuildDynamic());
        var other = new VhdBuilder(DiskSize, ChildId).BuildFixed();
        error = Assert.Throws<TidemarkException>(() => Disks.Open(file, Disks.From(("./gone.vhd", other))));
        Assert.Contains("is another disk", error.Message, StringComparison.Ordinal);
        Assert.False(file.Disposed);
    }

    [Fact]
    public void A_disk_that_is_its_own_parent_ends_at_the_depth_bound()
    {
        var file = Child(ChildId, ChildId, [(VhdParentLocator.RelativeWindowsPath, @".\me.vhd")]).BuildDynamic();
        var opened = new List<BytesDevice>();
        var error = Assert.Throws<TidemarkException>(() => Disks.Open(
            file,
            (_, _) =>
            {
                opened.Add(new BytesDevice(file));
                return opened[^1];
            }));
        Assert.Contains("leads back to itself", error.Message, StringComparison.Ordinal);
        Assert.Equal(63, opened.Count);
        Assert.All(opened, d => Assert.True(d.Disposed));
    }

    [Fact]
    public void Reading_allocates_nothing()
    {
        var (builder, _) = Sample();
        var child = Child(ChildId, BaseId, [(VhdParentLocator.RelativeWindowsPath, "base.vhd")]);
        child.Write(0, new byte[1024]);
        using var disk = Disks.Open(child.BuildDynamic(), Disks.From(("base.vhd", builder.BuildDynamic())));
        var buffer = new byte[DiskSize];
        ReadALot();
        Assert.Equal(0, HeapUse.Least(ReadALot));

        void ReadALot()
        {
            for (var i = 0; i < 20; i++)
            {
                disk.ReadAt(i * 100, buffer.AsSpan(i * 100));
                disk.ExtentAt(i * 1000);
            }
        }
    }

    [Fact]
    public void Many_threads_may_read_at_once()
    {
        var (builder, content) = Sample();
        using var disk = Disks.Open(builder.BuildDynamic());
        Parallel.For(0, 8, seed => Disks.AssertContent(content, disk, seed));
    }

    [Fact]
    public void Names_of_parents_are_mapped_to_paths_here()
    {
        Assert.Equal(
            ["../a/b.vhd", "C:/x/b.vhd", "b.vhd"], ParentPath.Candidates([@"..\a\b.vhd", @"C:\x\b.vhd", @"..\a\b.vhd"]));
        Assert.Equal(["./b.vhd"], ParentPath.Candidates([@".\b.vhd", "", "bad\0.vhd", @"folder\"]));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal("/disks/a/b.vhd", ParentPath.Resolve("/disks/c/child.vhd", "../a/b.vhd"));
            Assert.Equal("/abs/b.vhd", ParentPath.Resolve("/disks/c/child.vhd", "/abs/b.vhd"));
            Assert.Null(ParentPath.Resolve("/disks/c/child.vhd", "C:/x/b.vhd"));
            Assert.Null(ParentPath.Resolve("/disks/c/child.vhd", "//?/Volume{1}/b.vhd"));
        }
    }

    private static (VhdBuilder Builder, byte[] Content) Sample()
    {
        var builder = new VhdBuilder(DiskSize, BaseId);
        var content = new byte[DiskSize];
        Write(builder, content, 512, 70_144 - 2048, 1);
        Write(builder, content, 512 * 1024, 1024, 2);
        Write(builder, content, DiskSize - 1024, 1024, 3);
        return (builder, content);
    }

    private static VhdBuilder Child(Guid id, Guid parent, IReadOnlyList<(uint, string)> names) =>
        new(DiskSize, id) { ParentId = parent, ParentNames = names };

    private static void Write(VhdBuilder builder, byte[] content, int offset, int length, int seed)
    {
        var data = Disks.Pattern(length, seed);
        builder.Write(offset, data);
        data.CopyTo(content, offset);
    }
}
