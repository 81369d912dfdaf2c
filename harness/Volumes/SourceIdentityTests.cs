using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Tidemark.Engine;
using Tidemark.Engine.Format;
using Xunit;

namespace Tidemark.Harness.Volumes;

public class SourceIdentityTests
{
    /// <summary>Items as kind=value with blanks between; whether the two are one source.</summary>
    [Theory]
    [InlineData("GptDisk=a", "GptDisk=a", true)]
    [InlineData("GptDisk=a", "GptDisk=b", false)]
    [InlineData("GptDisk=a", "GptDisk=A", false)]
    [InlineData("GptDisk=a", "MbrDisk=a", false)]
    [InlineData("VhdxDiskId=x GptDisk=a", "GptDisk=a", true)]
    [InlineData("VhdxDiskId=x GptDisk=a", "VhdxDiskId=y GptDisk=a", false)]
    [InlineData("VhdxDiskId=x GptDisk=a", "VhdxDiskId=x GptDisk=b", true)]
    [InlineData("FileSystem=ext:1 GptPartition=p", "FileSystem=ext:1", true)]
    [InlineData("FileSystem=ext:1 GptPartition=p", "FileSystem=xfs:1 GptPartition=p", false)]
    [InlineData("GptPartition=p", "FileSystem=xfs:1 GptPartition=p", true)]
    [InlineData("FileNode=n FilePath=p", "FileNode=n FilePath=q", true)]
    [InlineData("FileNode=n FilePath=p", "FileNode=m FilePath=p", true)]
    [InlineData("FileNode=n FilePath=p", "FileNode=m FilePath=q", false)]
    [InlineData("FileNode=n", "FilePath=n", false)]
    [InlineData("FileSystem=ext:1 FilePath=p", "FileSystem=ext:2 FilePath=p", false)]
    [InlineData("FileSystem=ext:1 FilePath=p", "FilePath=p", true)]
    [InlineData("DeviceSerial=s FileNode=n", "DeviceSerial=t FileNode=n", false)]
    [InlineData("200=u", "200=u", false)]
    [InlineData("200=u GptDisk=a", "200=v GptDisk=a", true)]
    [InlineData("", "", false)]
    [InlineData("", "GptDisk=a", false)]
    public void The_strongest_common_kind_decides(string left, string right, bool same)
    {
        Assert.Equal(same, SourceIdentity.Matches(Parse(left), Parse(right)));
        Assert.Equal(same, SourceIdentity.Matches(Parse(right), Parse(left)));
    }

    [Fact]
    public void Items_are_kept_strongest_first_and_one_of_a_kind()
    {
        var identity = Parse("FilePath=p GptDisk=a FileSystem=ext:1 GptDisk=b");
        Assert.Equal("gpt-disk:a ext:1 file-path:p", identity.ToString());
        Assert.Equal("gpt-disk:a", identity.ToShortString());
        Assert.Equal("unknown", SourceIdentity.None.ToString());
    }

    [Fact]
    public void The_header_area_has_the_documented_bytes()
    {
        var area = new byte[SourceIdentityCodec.AreaSize];
        Array.Fill(area, (byte)0xCC);
        Parse("MbrDisk=1234abcd FileSystem=é").Write(area);
        byte[] expected = [4, 0, 8, 0, .. "1234abcd"u8, 5, 0, 2, 0, 0xC3, 0xA9];
        Assert.Equal(expected, area[..expected.Length]);
        Assert.False(area.AsSpan(expected.Length).ContainsAnyExcept((byte)0));
    }

    [Property(MaxTest = 200)]
    public Property What_was_written_is_read()
    {
        var value = Gen.Choose(1, IdentityItem.MaxValueBytes).SelectMany(length =>
            Gen.Choose(0x20, 0x7E).Select(c => (char)c).ArrayOf(length).Select(chars => new string(chars)));
        var item = Gen.Choose(1, 255).SelectMany(kind => value.Select(text => new IdentityItem((IdentityKind)kind, text)));
        var items = Gen.Choose(0, SourceIdentity.MaxItems).SelectMany(count => item.ArrayOf(count));
        return Prop.ForAll(Arb.From(items), list =>
        {
            var identity = SourceIdentity.Of(list);
            var area = new byte[SourceIdentityCodec.AreaSize];
            identity.Write(area);
            return SourceIdentity.Read(area).Equals(identity);
        });
    }

    [Fact]
    public void Eight_items_of_the_greatest_length_fit()
    {
        var identity = SourceIdentity.Of(Enumerable.Range(1, SourceIdentity.MaxItems)
            .Select(kind => new IdentityItem((IdentityKind)kind, new string('x', IdentityItem.MaxValueBytes))));
        var area = new byte[SourceIdentityCodec.AreaSize];
        identity.Write(area);
        Assert.Equal(identity, SourceIdentity.Read(area));
    }

    [Theory]
    [InlineData("the reserved byte", 1, 1)]
    [InlineData("a length of zero", 2, 0)]
    [InlineData("a length beyond the greatest", 2, 121)]
    [InlineData("a length beyond the area", 3, 4)]
    [InlineData("a control character", 5, 0x1B)]
    [InlineData("bytes that aren't UTF-8", 5, 0xFF)]
    [InlineData("kinds out of order", 0, 9)]
    [InlineData("a byte after the last item", 1000, 1)]
    public void A_malformed_area_is_refused(string what, int at, byte value)
    {
        var area = new byte[SourceIdentityCodec.AreaSize];
        Parse("GptDisk=abcdef FileSystem=ext:1").Write(area);
        area[at] = value;
        var error = Assert.Throws<TidemarkException>(() => SourceIdentity.Read(area));
        Assert.True(error.Error == TidemarkError.Damaged, what);
    }

    [Property(MaxTest = 300)]
    public bool Reading_any_area_gives_an_identity_that_writes_the_same_or_an_error(byte[] start)
    {
        var area = new byte[SourceIdentityCodec.AreaSize];
        start.AsSpan(0, Math.Min(start.Length, area.Length)).CopyTo(area);
        if (start.Length > 3)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(area.AsSpan(2), (ushort)(start[2] % 8));
            area[1] = 0;
        }

        try
        {
            var again = new byte[SourceIdentityCodec.AreaSize];
            SourceIdentity.Read(area).Write(again);
            return again.AsSpan().SequenceEqual(area);
        }
        catch (TidemarkException e)
        {
            return e.Error == TidemarkError.Damaged;
        }
    }

    private static SourceIdentity Parse(string text) => SourceIdentity.Of(
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(item => item.Split('=', 2))
            .Select(parts => new IdentityItem(Enum.Parse<IdentityKind>(parts[0]), parts[1])));
}
