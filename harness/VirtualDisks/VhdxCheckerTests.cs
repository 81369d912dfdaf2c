using Tidemark.Engine.Devices.VirtualDisks.Vhdx;
using Xunit;

namespace Tidemark.Harness.VirtualDisks;

public sealed class VhdxCheckerTests : IDisposable
{
    private const int MiB = 1 << 20;
    private static readonly Guid ParentId = new("AAAAAAAA-0000-0000-0000-000000000001");
    private readonly string folder = Directory.CreateTempSubdirectory("tidemark-vxc-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Sound_files_have_no_findings()
    {
        Assert.Empty(Check(Sample().Build()));
        Assert.Empty(Check(Sample(differencing: true).Build()));
    }

    [Theory]
    [InlineData("fixed")]
    [InlineData("dynamic")]
    public void Files_of_qemu_have_no_findings(string kind)
    {
        var path = Path.Combine(folder, "disk.vhdx");
        Qemu.Img("create", "-q", "-f", "vhdx", "-o", $"subformat={kind},block_size=2M", path, "20M");
        Qemu.Io("vhdx", path, "write -P 1 0 3M", "write -P 1 14M 3M");
        using var file = new PlainFileDevice(path);
        Assert.Empty(VhdxChecker.Check(file));
    }

    [Fact]
    public void Damaged_twins_are_said()
    {
        foreach (var (offset, finding) in new[]
        {
            (VhdxHeader.FirstOffset, "The header at offset 65536 can't be used: its checksum is wrong"),
            (VhdxHeader.SecondOffset, "The header at offset 131072 can't be used"),
            (VhdxRegionTable.FirstOffset, "The region table at offset 196608 can't be used"),
            (VhdxRegionTable.SecondOffset, "The region table at offset 262144 can't be used"),
        })
        {
            var file = Sample().Build();
            file[offset + 30] ^= 1;
            Expect(file, finding);
        }
    }

    [Fact]
    public void Blocks_in_wrong_places_are_said()
    {
        var length = (ulong)Sample().Build().Length;
        Expect(WithEntry(0, VhdxBlockState.FullyPresent, length), $"Block 0 at offset {length} leaves the file");
        Expect(WithEntry(0, VhdxBlockState.FullyPresent, 0), "Block 0 at offset 0 leaves the file");
        Expect(WithEntry(0, (VhdxBlockState)4, 0), "Block 0 has the impossible state 4");
        Expect(WithEntry(0, VhdxBlockState.PartiallyPresent, 5 * MiB), "Block 0 has the impossible state 7");
        foreach (var place in (ulong[])[VhdxBuilder.LogOffset, VhdxBuilder.BatOffset, VhdxBuilder.MetadataOffset, 5 * MiB])
        {
            Expect(WithEntry(0, VhdxBlockState.FullyPresent, place), $"share the file from offset {place} on");
        }

        var file = Sample(differencing: true).Build();
        VhdxBuilder.WriteBat(file, VhdxBlockTable.SectorsPerChunk * 512 / MiB, default);
        Expect(file, "Block 0 is there in part, and the bitmap that says which is not");
    }

    [Fact]
    public void What_can_not_be_opened_is_said_too()
    {
        Expect([1, 2, 3], "too short");
        var file = Sample().Build();
        file[VhdxBuilder.MetadataOffset] ^= 1;
        Expect(file, "its metadata table has no signature");
        Expect(Sample().Build()[..^5], "is not whole MiB");
        var logId = new Guid("BBBBBBBB-0000-0000-0000-000000000001");
        var dirty = new VhdxBuilder(4 * MiB) { LogGuid = logId }.Build();
        Expect(dirty, "no complete sequence");
        new VhdxLogBuilder(dirty, logId).Append((5 * MiB, null, 4096));
        Expect(dirty, "its log has to be replayed");
    }

    private static byte[] WithEntry(long block, VhdxBlockState state, ulong offset)
    {
        var file = Sample().Build();
        VhdxBuilder.WriteBat(file, block, new VhdxBatEntry(state, offset));
        return file;
    }

    private static VhdxBuilder Sample(bool differencing = false)
    {
        var builder = new VhdxBuilder(4 * MiB)
        {
            Parent = differencing ? VhdxTests.Locator(ParentId, "base.vhdx") : null,
        };
        builder.Write(0, Disks.Pattern(8192, 1));
        builder.Write(2 * MiB, Disks.Pattern(MiB, 2));
        return builder;
    }

    private static IReadOnlyList<string> Check(byte[] file) => VhdxChecker.Check(new BytesDevice(file));

    private static void Expect(byte[] file, string finding) =>
        Assert.Contains(Check(file), f => f.Contains(finding, StringComparison.Ordinal));
}
