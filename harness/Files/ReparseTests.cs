using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Tidemark.Engine.Files;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Tidemark.Interop.Linux;
using Xunit;
using static Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Files;

/// <summary>What stands behind a reparse point of NTFS comes as it is or not at all, and is named.</summary>
[Case("2.7")]
public sealed class ReparseTests : IDisposable
{
    private readonly TempFolder folder = new("reparse");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Each_reparse_point_is_named_and_nothing_false_comes(bool asRoot)
    {
        Mount.Require("ntfs");
        OrdinaryUser.Require();
        Tool.Require("istat", "nbdfuse");
        var volume = Volume();
        var chain = Backup(volume, folder.At("store")).Text("chain");
        string[] arguments = ["extract", chain, "/", "--to", folder.At("to"), "--json"];
        var result = asRoot
            ? TidemarkCli.Run(arguments).EndedWith(Failed).Result
            : TidemarkCli.Events(OrdinaryUser.Run(folder, arguments).EndedWith(Failed))[^1];
        var to = folder.At("to", "volume");
        string[] left = ["wof", "dedup", "away", "alias", "unknown", "junction", "absolute", "foreign"];
        string[] bare = ["OneDrive", "OneDrive/here.txt", "vendor"];
        Assert.Equal(left.Concat(bare).Select(path => $"/{path}").Order(), result.GetProperty("problems").EnumerateArray().Select(p => p.Text("path")).Order());
        Assert.All(left, path => Assert.False(Path.Exists(Path.Combine(to, path)) || new FileInfo(Path.Combine(to, path)).LinkTarget is not null, path));
        Assert.Equal("here", File.ReadAllText(Path.Combine(to, "OneDrive/here.txt")));
        Assert.Equal("deep", File.ReadAllText(Path.Combine(to, "OneDrive/sub/deep.txt")));
        Assert.Equal("in", File.ReadAllText(Path.Combine(to, "vendor/in.txt")));
        Assert.Equal("plain", File.ReadAllText(Path.Combine(to, "plain")));
        Assert.Equal("sub/plain", new FileInfo(Path.Combine(to, "relative")).LinkTarget);
        var junction = result.GetProperty("problems").EnumerateArray().Single(p => p.Text("path") == "/junction");
        Assert.Contains(@"a junction to 'C:\Users'", junction.Text("message"), StringComparison.Ordinal);

        arguments = ["ls", chain, "/", "--recursive", "--json"];
        var listed = (asRoot ? TidemarkCli.Run(arguments).Succeeded().Events : TidemarkCli.Events(OrdinaryUser.Run(folder, arguments).Succeeded()))
            .Where(e => e.Text("event") == "file").ToDictionary(e => e.Text("path"));
        Assert.All(left, path => Assert.Equal("other", listed[$"/{path}"].Text("kind")));
        Assert.Contains("/OneDrive/sub/deep.txt", listed.Keys);
        Assert.Equal(JsonValueKind.Null, listed["/plain"].GetProperty("problem").ValueKind);
        // A path through such a folder leads there.
        arguments = ["extract", chain, "OneDrive/sub/deep.txt", "--to", folder.At("one"), "--json"];
        _ = asRoot ? TidemarkCli.Run(arguments).Succeeded().Process : OrdinaryUser.Run(folder, arguments).Succeeded();
        Assert.Equal("deep", File.ReadAllText(folder.At("one", "deep.txt")));
    }

    [Theory]
    // Microsoft's, with a name in its place: nothing of it is here.
    [InlineData(0xA0000003u, true, FileKind.Other)]
    [InlineData(0xA0000010u, false, FileKind.Other)]
    [InlineData(0x80000017u, false, FileKind.Other)]
    // A folder has what the volume has, whatever its tag is.
    [InlineData(0x90001018u, true, FileKind.Folder)]
    [InlineData(0x80000025u, false, FileKind.CharacterDevice)]
    public void A_tag_says_what_can_come(uint tag, bool isFolder, FileKind kind)
    {
        var entry = new FileEntry("x", "64", isFolder ? FileKind.Folder : FileKind.File, 1, 0x1A4, 0, 0, default, default);
        var result = ReparsePoint.TryRead(Data(tag, []))!.Of(entry, () => false);
        Assert.Equal(kind, result.Kind);
        Assert.Equal(kind != FileKind.CharacterDevice, result.Problem is not null);
    }

    private string Volume()
    {
        var volume = folder.Sparse("volume", 16 << 20);
        FileSystemMaker.Make(volume, "ntfs");
        using var mount = Mount.OfFile(volume, 0, 0, folder.Folder("mount"), "ntfs");
        var at = mount.Folder;
        Directory.CreateDirectory(Path.Combine(at, "OneDrive/sub"));
        Directory.CreateDirectory(Path.Combine(at, "vendor"));
        Directory.CreateDirectory(Path.Combine(at, "junction"));
        Directory.CreateDirectory(Path.Combine(at, "absolute"));
        File.WriteAllText(Path.Combine(at, "OneDrive/here.txt"), "here");
        File.WriteAllText(Path.Combine(at, "OneDrive/sub/deep.txt"), "deep");
        File.WriteAllText(Path.Combine(at, "vendor/in.txt"), "in");
        File.WriteAllText(Path.Combine(at, "plain"), "plain");
        foreach (var name in new[] { "wof", "dedup", "away", "unknown", "foreign", "alias", "relative" })
        {
            using var file = File.Create(Path.Combine(at, name));
            file.SetLength(name is "alias" or "relative" ? 0 : 1 << 20);
        }

        // A junction's and a link's names, as Windows has them (substitute, then to show).
        Set("junction", Data(0xA0000003, Names(@"\??\C:\Users", @"C:\Users")));
        Set("absolute", Data(0xA000000C, Names(@"\??\C:\Users", @"C:\Users", 0)));
        Set("relative", Data(0xA000000C, Names(@"sub\plain", @"sub\plain", 1)));
        Set("wof", Data(0x80000017, [1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]));
        Set("dedup", Data(0x80000013, new byte[32]));
        Set("away", Data(0x9000601A, new byte[32]));
        Set("alias", Data(0x8000001B, new byte[16]));
        Set("unknown", Data(0x80001234, new byte[8]));
        // Others than Microsoft have a GUID behind the header, which doesn't count.
        Set("foreign", Data(0x00000123, new byte[8], new byte[16]));
        Set("vendor", Data(0x00000123, new byte[8], new byte[16]));
        Set("OneDrive/here.txt", Data(0x9000101A, new byte[32]));
        Set("OneDrive", Data(0x9000701A, new byte[32]));
        return volume;

        unsafe void Set(string name, byte[] value)
        {
            fixed (byte* bytes = value)
            {
                Assert.Equal(0, Libc.lsetxattr(Path.Combine(at, name), "system.ntfs_reparse_data", bytes, (nuint)value.Length, 0));
            }
        }
    }

    private static byte[] Data(uint tag, byte[] data, byte[]? owner = null)
    {
        var header = new byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(header, tag);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(4), (ushort)data.Length);
        return [.. header, .. owner ?? [], .. data];
    }

    private static byte[] Names(string substitute, string shown, int? flags = null)
    {
        var (first, second) = (Encoding.Unicode.GetBytes(substitute), Encoding.Unicode.GetBytes(shown));
        // A junction's names end with a zero each.
        var end = flags is null ? 2 : 0;
        var fields = new byte[flags is null ? 8 : 12];
        BinaryPrimitives.WriteUInt16LittleEndian(fields.AsSpan(2), (ushort)first.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(fields.AsSpan(4), (ushort)(first.Length + end));
        BinaryPrimitives.WriteUInt16LittleEndian(fields.AsSpan(6), (ushort)second.Length);
        if (flags is { } set)
        {
            BinaryPrimitives.WriteInt32LittleEndian(fields.AsSpan(8), set);
        }

        return [.. fields, .. first, .. new byte[end], .. second, .. new byte[end]];
    }
}
