using Tidemark.Engine;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.VirtualDisks.Vhdx;
using Xunit;

namespace Tidemark.Harness.VirtualDisks;

public class VhdxTests
{
    private const int MiB = 1 << 20;
    private const int DiskSize = 6 * MiB;
    private static readonly Guid BaseData = new("AAAAAAAA-0000-0000-0000-000000000001");
    private static readonly Guid ChildData = new("AAAAAAAA-0000-0000-0000-000000000002");

    [Theory]
    [InlineData(512, MiB)]
    [InlineData(512, 2 * MiB)]
    [InlineData(4096, MiB)]
    [InlineData(4096, 4 * MiB)]
    public void A_disk_of_our_own_reads_as_it_was_written(int sectorSize, int blockSize)
    {
        var (builder, content) = Sample(sectorSize, blockSize);
        using var disk = Disks.Open(builder.Build());
        Disks.AssertContent(content, disk);
        Assert.Equal(sectorSize, disk.Geometry.LogicalSectorSize);
        Assert.Equal(4096, disk.Geometry.PhysicalSectorSize);
        Assert.Equal(builder.DiskId, disk.UniqueId);
        Assert.Equal("VHDX, dynamic", disk.FormatName);
    }

    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    public void A_chain_reads_as_the_newest_that_holds_each_sector(int sectorSize)
    {
        var (builder, content) = Sample(sectorSize, MiB);
        var child = Child(sectorSize, ChildData, BaseData, @"..\disks\base.vhdx");
        Write(child, content, 4096, 8192, 11);
        Write(child, content, MiB, MiB, 12);
        Write(child, content, (4 * MiB) + 8192, 4096, 13);
        var grandchild = Child(sectorSize, new Guid("AAAAAAAA-0000-0000-0000-000000000003"), ChildData, "child.vhdx");
        Write(grandchild, content, 8192, 4096, 14);
        var opener = Disks.From(("../disks/base.vhdx", builder.Build()), ("child.vhdx", child.Build()));
        using var disk = Disks.Open(grandchild.Build(), opener);
        Disks.AssertContent(content, disk);
        Assert.Equal("VHDX, differencing", disk.FormatName);
        Assert.Equal(builder.DiskId, disk.UniqueId);
        Assert.True(Disks.UnallocatedBytes(disk) >= MiB);
    }

    [Theory]
    [InlineData((int)VhdxBlockState.Zero)]
    [InlineData((int)VhdxBlockState.Unmapped)]
    [InlineData((int)VhdxBlockState.UnmappedInDrafts)]
    [InlineData((int)VhdxBlockState.Undefined)]
    public void A_block_without_content_hides_its_parent(int state)
    {
        var (builder, content) = Sample(512, MiB);
        var child = Child(512, ChildData, BaseData, "base.vhdx");
        child.SetState(0, (VhdxBlockState)state);
        content.AsSpan(0, MiB).Clear();
        using var disk = Disks.Open(child.Build(), Disks.From(("base.vhdx", builder.Build())));
        Disks.AssertContent(content, disk);
        Assert.Equal(ExtentKind.Unallocated, disk.ExtentAt(0).Kind);
        Assert.InRange(disk.ExtentAt(0).Length, MiB, DiskSize);
    }

    [Fact]
    public void A_child_that_is_larger_than_its_parent_has_zeros_at_its_end()
    {
        var (builder, content) = Sample(512, MiB);
        var child = new VhdxBuilder(DiskSize + (2 * MiB))
        {
            DataWriteGuid = ChildData,
            Parent = Locator(BaseData, "base.vhdx"),
        };
        Array.Resize(ref content, DiskSize + (2 * MiB));
        Write(child, content, DiskSize + MiB, 512, 3);
        Disks.AssertContent(content, Disks.Open(child.Build(), Disks.From(("base.vhdx", builder.Build()))));
    }

    [Fact]
    public void The_second_linkage_is_taken_and_a_changed_parent_is_refused()
    {
        var (builder, _) = Sample(512, MiB);
        var other = new Guid("AAAAAAAA-0000-0000-0000-0000000000AA");
        var second = new VhdxBuilder(DiskSize)
        {
            DataWriteGuid = ChildData,
            Parent = new VhdxParentLocator(
            [
                new(VhdxParentLocator.Linkage, other.ToString("B")),
                new(VhdxParentLocator.Linkage2, BaseData.ToString("B")),
                new(VhdxParentLocator.AbsolutePath, @"\\?\C:\disks\base.vhdx"),
            ]),
        };
        Disks.Open(second.Build(), Disks.From(("base.vhdx", builder.Build()))).Dispose();

        var stale = Child(512, ChildData, other, "base.vhdx");
        var error = Assert.Throws<TidemarkException>(
            () => Disks.Open(stale.Build(), Disks.From(("base.vhdx", builder.Build()))));
        Assert.Contains("was changed since", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_region_that_is_required_and_unknown_is_refused()
    {
        var id = new Guid("12345678-0000-0000-0000-000000000000");
        var (builder, content) = Sample(512, MiB, regions: [new VhdxRegionEntry(id, 5 * MiB, MiB, true)]);
        var error = Assert.Throws<TidemarkException>(() => Disks.Open(builder.Build()));
        Assert.Contains($"the region {id}", error.Message, StringComparison.Ordinal);

        (builder, content) = Sample(512, MiB, regions: [new VhdxRegionEntry(id, 5 * MiB, MiB, false)]);
        Disks.AssertContent(content, Disks.Open(builder.Build()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_metadata_item_that_is_required_and_unknown_is_refused(bool isUser)
    {
        var id = new Guid("12345678-0000-0000-0000-000000000000");
        var (builder, content) = Sample(512, MiB, items: [new VhdxMetadataEntry(id, 65536, 4, isUser, false, true)]);
        var error = Assert.Throws<TidemarkException>(() => Disks.Open(builder.Build()));
        Assert.Contains($"the metadata item {id}", error.Message, StringComparison.Ordinal);

        (builder, content) = Sample(512, MiB, items: [new VhdxMetadataEntry(id, 0, 0, isUser, false, false)]);
        Disks.AssertContent(content, Disks.Open(builder.Build()));
    }

    [Fact]
    public void Regions_that_overlap_are_refused()
    {
        var id = new Guid("12345678-0000-0000-0000-000000000000");
        foreach (var place in (ulong[])[0, VhdxBuilder.LogOffset, VhdxBuilder.BatOffset, VhdxBuilder.MetadataOffset, 1ul << 50])
        {
            var (builder, _) = Sample(512, MiB, regions: [new VhdxRegionEntry(id, place, MiB, false)]);
            Assert.Throws<TidemarkException>(() => Disks.Open(builder.Build()));
        }
    }

    [Fact]
    public void A_damaged_header_or_region_table_is_replaced_by_its_twin()
    {
        var (builder, content) = Sample(512, MiB);
        foreach (var offset in (long[])
            [VhdxHeader.FirstOffset, VhdxHeader.SecondOffset, VhdxRegionTable.FirstOffset, VhdxRegionTable.SecondOffset])
        {
            var file = builder.Build();
            file[offset + 20] ^= 1;
            Disks.AssertContent(content, Disks.Open(file));
        }
    }

    [Fact]
    public void Two_headers_alike_are_taken_and_two_rivals_are_not()
    {
        var (builder, content) = Sample(512, MiB);
        var file = builder.Build();
        file.AsSpan((int)VhdxHeader.FirstOffset, VhdxHeader.Size).CopyTo(file.AsSpan((int)VhdxHeader.SecondOffset));
        Disks.AssertContent(content, Disks.Open(file));
        var header = VhdxHeader.Read(file.AsSpan((int)VhdxHeader.FirstOffset), out _)!;
        (header with { DataWriteGuid = ChildData }).Write(file.AsSpan((int)VhdxHeader.SecondOffset));
        Assert.Throws<TidemarkException>(() => Disks.Open(file));
    }

    [Fact]
    public void A_block_outside_the_file_fails_alone_and_as_a_read_error()
    {
        var (builder, content) = Sample(512, MiB);
        var file = builder.Build();
        VhdxBuilder.WriteBat(file, 0, new VhdxBatEntry(VhdxBlockState.FullyPresent, 1ul << 63));
        VhdxBuilder.WriteBat(file, 1, new VhdxBatEntry((VhdxBlockState)4, 0));
        VhdxBuilder.WriteBat(file, 2, new VhdxBatEntry(VhdxBlockState.PartiallyPresent, 5 * MiB));
        VhdxBuilder.WriteBat(file, 3, new VhdxBatEntry(VhdxBlockState.FullyPresent, (ulong)file.Length));
        using var disk = Disks.Open(file);
        var buffer = new byte[512];
        for (var block = 0; block < 4; block++)
        {
            Assert.Throws<DeviceIoException>(() => disk.ReadAt(block * MiB, buffer));
            Assert.Equal(ExtentKind.Data, disk.ExtentAt(block * MiB).Kind);
        }

        disk.ReadAt(5 * MiB, buffer);
        Assert.Equal(content.AsSpan(5 * MiB, 512).ToArray(), buffer);
    }

    [Fact]
    public void Neighbouring_blocks_are_one_read_below()
    {
        var (builder, _) = Sample(512, MiB);
        var file = builder.Build();
        for (var block = 0; block < 3; block++)
        {
            VhdxBuilder.WriteBat(file, block, new VhdxBatEntry(VhdxBlockState.FullyPresent, (ulong)((5 + block) * MiB)));
        }

        var below = new BytesDevice(file);
        using var disk = Disks.Open(below);
        var buffer = new byte[3 * MiB];
        disk.ReadAt(0, buffer);
        var before = below.Reads;
        disk.ReadAt(0, buffer);
        Assert.Equal(before + 1, below.Reads);
        Assert.Equal(file.AsSpan(5 * MiB, 3 * MiB).ToArray(), buffer);
    }

    internal static VhdxParentLocator Locator(Guid linkage, string path) => new(
    [
        new(VhdxParentLocator.Linkage, linkage.ToString("B")),
        new(VhdxParentLocator.RelativePath, path),
    ]);

    private static VhdxBuilder Child(int sectorSize, Guid id, Guid parent, string path) => new(DiskSize)
    {
        SectorSize = sectorSize,
        DataWriteGuid = id,
        Parent = Locator(parent, path),
    };

    private static (VhdxBuilder Builder, byte[] Content) Sample(
        int sectorSize,
        int blockSize,
        IReadOnlyList<VhdxRegionEntry>? regions = null,
        IReadOnlyList<VhdxMetadataEntry>? items = null)
    {
        var builder = new VhdxBuilder(DiskSize)
        {
            SectorSize = sectorSize,
            BlockSize = blockSize,
            DataWriteGuid = BaseData,
            MoreRegions = regions ?? [],
            MoreItems = items ?? [],
        };
        var content = new byte[DiskSize];
        Write(builder, content, 0, MiB + 4096, 1);
        Write(builder, content, (3 * MiB) + 8192, 4096, 2);
        Write(builder, content, DiskSize - MiB, MiB, 3);
        return (builder, content);
    }

    private static void Write(VhdxBuilder builder, byte[] content, int offset, int length, int seed)
    {
        var data = Disks.Pattern(length, seed);
        builder.Write(offset, data);
        data.CopyTo(content, offset);
    }
}
