using System.Buffers.Binary;
using Tidemark.Engine.Devices.VirtualDisks.Vhd;
using Xunit;

namespace Tidemark.Harness.VirtualDisks;

public sealed class VhdCheckerTests : IDisposable
{
    private const int DiskSize = 256 << 10;
    private static readonly Guid Id = new("00112233-4455-6677-8899-aabbccddeeff");
    private readonly string folder = Directory.CreateTempSubdirectory("tidemark-vc-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Sound_files_have_no_findings()
    {
        Assert.Empty(Check(Sample().BuildDynamic()));
        Assert.Empty(Check(Sample().BuildFixed()));
    }

    [Theory]
    [InlineData("fixed")]
    [InlineData("dynamic")]
    public void Files_of_qemu_have_no_findings(string kind)
    {
        var path = Path.Combine(folder, "disk.vhd");
        Qemu.Img("create", "-q", "-f", "vpc", "-o", $"subformat={kind}", path, "50M");
        Qemu.Io("vpc", path, "write -P 1 0 3M", "write -P 1 20M 3M");
        Assert.Empty(VhdChecker.Check(new PlainFileDevice(path)));
    }

    [Fact]
    public void What_is_wrong_with_the_footers_is_said()
    {
        var file = Sample().BuildDynamic();
        Expect(file[..^512], "At the end of the file, the footer has no cookie");
        file[70] ^= 1;
        Expect(file, "At the start of the file, the checksum of the footer is wrong");

        file = Sample().BuildDynamic();
        var footer = VhdFooter.Read(file, out _)!;
        (footer with { TimeStamp = 1 }).Write(file);
        Expect(file, "The footer and its copy at the start of the file differ");
        Expect([1, 2, 3], "shorter than a footer");
    }

    [Fact]
    public void A_size_that_contradicts_the_geometry_or_the_file_is_said()
    {
        var file = Sample().BuildFixed();
        var end = file.AsSpan(DiskSize);
        var footer = VhdFooter.Read(end, out _)!;
        (footer with { Geometry = new VhdGeometry(1, 2, 3) }).Write(end);
        Expect(file, "The geometry 1/2/3 doesn't fit");
        (footer with { CurrentSize = DiskSize - 512 }).Write(end);
        Expect(file, "bytes before its footer");
        (footer with { CurrentSize = 1 }).Write(end);
        Expect(file, "is not possible");
        (footer with { SavedState = true }).Write(end);
        Expect(file, "suspended machine");
    }

    [Fact]
    public void Blocks_in_wrong_places_are_said()
    {
        Expect(WithBlock(0, 0x00FFFFFF), "Block 0 at offset 8589934080 leaves the file");
        Expect(WithBlock(0, 1), "Block 0 at offset 512 lies over a structure");
        var sound = Sample().BuildDynamic();
        var second = BinaryPrimitives.ReadUInt32BigEndian(sound.AsSpan((int)VhdBuilder.TableOffset + 4));
        Expect(WithBlock(0, second + 1), "Two blocks share the file");
        var header = VhdDynamicHeader.Read(sound.AsSpan(512), out _)!;
        (header with { MaxTableEntries = 1 }).Write(sound.AsSpan(512));
        Expect(sound, "its table has 1 entries and needs 4");
    }

    private static byte[] WithBlock(int block, uint entry)
    {
        var file = Sample().BuildDynamic();
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan((int)VhdBuilder.TableOffset + (block * 4)), entry);
        return file;
    }

    private static VhdBuilder Sample()
    {
        var builder = new VhdBuilder(DiskSize, Id);
        builder.Write(0, Disks.Pattern(DiskSize / 2, 1));
        return builder;
    }

    private static IReadOnlyList<string> Check(byte[] file) => VhdChecker.Check(new BytesDevice(file));

    private static void Expect(byte[] file, string finding) =>
        Assert.Contains(Check(file), f => f.Contains(finding, StringComparison.Ordinal));
}
