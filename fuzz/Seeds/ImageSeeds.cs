using System.Buffers.Binary;
using Tidemark.Engine;
using Tidemark.Engine.Format;
using Tidemark.Engine.Keys;
using Tidemark.Fuzz.Inputs;
using Tidemark.Fuzz.Targets;

namespace Tidemark.Fuzz.Seeds;

/// <summary>Seeds of the image format, cut out of small chains, and of names.</summary>
internal static class ImageSeeds
{
    public static IEnumerable<(string Target, string Name, byte[] Bytes)> All()
    {
        (string Name, Codec Codec, bool Encrypted)[] kinds =
            [("zstd", Codec.Zstd, false), ("lz4", Codec.Lz4, false), ("raw", Codec.None, false), ("encrypted", Codec.Zstd, true)];
        foreach (var (name, codec, encrypted) in kinds)
        {
            var files = SeedChain.Make(codec, encrypted);
            yield return ("chain", name, FolderInput.Write(seal: !encrypted, files));
            foreach (var seed in Parts(name, files[1].Bytes))
            {
                yield return seed;
            }
        }

        yield return ("chain", "parts", FolderInput.Write(seal: true, SeedChain.Make(Codec.None, encrypted: false, parts: true)));
        foreach (var seed in Structures().Concat(Texts()))
        {
            yield return seed;
        }
    }

    private static IEnumerable<(string Target, string Name, byte[] Bytes)> Parts(string name, byte[] file)
    {
        var payload = file[ImageFormat.HeaderSize..^ImageFormat.FooterSize];
        yield return ("image-header", name, file[..ImageFormat.HeaderSize]);
        yield return ("footer", name, file[^ImageFormat.FooterSize..]);
        var at = payload.AsSpan().IndexOf(ImageFormat.FrameMagic);
        var frame = payload[at..];
        var length = Layout.U16(frame, 4) + (int)Layout.U32(frame, 36);

        // Blocks of 4 KiB, room for 128 KiB.
        yield return ("frame", name, [0, 128, 0, .. frame[..length]]);
        var leaf = payload.AsSpan().IndexOf(ImageFormat.LeafMagic);
        if (name == "raw")
        {
            var page = payload[leaf..];
            yield return ("leaf", "image", page[..(PageHeader.Size + (int)Layout.U32(page, 48))]);
        }
    }

    private static IEnumerable<(string Target, string Name, byte[] Bytes)> Structures()
    {
        var part = new byte[ImageFormat.HeaderSize];
        new PartHeader(SeedChain.ChainId, SeedChain.ChainId, 1, ImageFormat.MinPartSize).Write(part);
        yield return ("part-header", "part", part);
        yield return ("directory", "leaf", [0, .. Page(0, 0, 64, Leaf(64))]);
        yield return ("directory", "two-levels", [1, .. Page(1, 0, 96, [.. Reference(0, 1), .. Reference(64, 2)]),
            .. Page(0, 0, 64, Leaf(64)), .. Page(0, 64, 96, Leaf(32))]);
        yield return ("directory", "three-levels", [2, .. Page(2, 0, 96, [.. Reference(0, 1), .. Reference(64, 2)]),
            .. Page(1, 0, 64, Reference(0, 3)), .. Page(1, 64, 96, Reference(64, 4)),
            .. Page(0, 0, 64, Leaf(64)), .. Page(0, 64, 96, Leaf(32))]);
        yield return ("metadata", "usual", new ImageMetadata
        {
            Source = "/dev/sda1",
            Description = "ext4 volume",
            Machine = "host",
            System = "Linux",
            Writer = "tidemark",
            ReadBytes = 1 << 30,
            Seconds = 1.5,
            Unreadable = [4096, 512],
        }.ToBytes());
        using var key = KeySource.FromKey(ChainTarget.Key);
        var (table, keys) = KeyOperations.CreateTable(SeedChain.ChainId, key, new SeededRandomSource(1));
        keys.Dispose();
        var bytes = new byte[KeySlotTable.Size];
        table.Write(bytes);
        yield return ("key-table", "key-file", bytes);
        var file = new byte[KeyTableFile.Size];
        KeyTableFile.Encode(table, file);
        yield return ("key-file", "key-file", file);
        var area = new byte[SourceIdentityCodec.AreaSize];
        SeedChain.Identity.Write(area);
        yield return ("identity", "three", area);
    }

    private static IEnumerable<(string Target, string Name, byte[] Bytes)> Texts()
    {
        string[] names =
        [
            "000001.tdi", "000003.002.tdi", "000003.002.tdi.0123456789abcdef0123456789abcdef.tmp", "keys-000001.tdk", "9223372036854775807.tdi",
            "tidemark.lock", "../000001.tdi",
        ];
        for (var i = 0; i < names.Length; i++)
        {
            yield return ("names", $"{i}", System.Text.Encoding.UTF8.GetBytes(names[i]));
        }

        yield return ("address", "number", "/backup/disk@12"u8.ToArray());
        yield return ("address", "latest", "a@b@latest"u8.ToArray());
        yield return ("address", "folder", "/backup/disk"u8.ToArray());
        yield return ("address", "export", "nbd://[::1]:10809/disk%20a"u8.ToArray());
        yield return ("address", "socket", "nbd+unix:///disk?socket=/run/vm.sock"u8.ToArray());
    }

    /// <summary>A page as the target of directories takes it: its length, then header and body.</summary>
    private static byte[] Page(int level, long first, long end, byte[] body)
    {
        var page = new byte[2 + PageHeader.Size + body.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(page, (ushort)(PageHeader.Size + body.Length));
        var entries = level == 0 ? 2 : body.Length / PageRef.Size;
        new PageHeader(level, entries, IndexImage.ImageId, 0, first, end, body.Length, 0).Write(page.AsSpan(2));
        body.CopyTo(page, 2 + PageHeader.Size);
        return page;
    }

    private static byte[] Reference(long firstBlock, int page)
    {
        var bytes = new byte[PageRef.Size];
        new PageRef(firstBlock, page, 0, default).Write(bytes);
        return bytes;
    }

    /// <summary>Two runs without content over so many blocks.</summary>
    private static byte[] Leaf(int blocks) =>
        [0, (byte)(blocks / 2), (byte)BlockState.Zero, 0, (byte)(blocks / 2), (byte)BlockState.Unallocated];
}
