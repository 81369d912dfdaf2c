using System.Text;
using System.Text.Unicode;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Keys;

namespace Tidemark.Engine.Format;

/// <summary>
/// The first page of an image (FORMAT.md, "Header"): what it is, of what, in which chain, and what a reader must know.
/// Never encrypted; in an encrypted chain the footer authenticates it.
/// </summary>
internal sealed record ImageHeader
{
    /// <summary>UTF-8 bytes of a chain's name at most.</summary>
    public const int MaxName = 254;

    private const int IdentityAt = 256;
    private const int NameAt = 1280;
    private const int KeysAt = 1536;
    private const int DigestAt = ImageFormat.HeaderSize - ImageFormat.DigestSize;

    public required Guid ChainId { get; init; }

    public required Guid ImageId { get; init; }

    /// <summary>The image's number in its chain, from 1.</summary>
    public required long Sequence { get; init; }

    public required ImageKind Kind { get; init; }

    /// <summary>Bytes, a power of two from 4 KiB to 1 MiB.</summary>
    public required int BlockSize { get; init; }

    public required HashAlgorithm Hash { get; init; }

    public required Codec Codec { get; init; }

    /// <summary>UTC, to the millisecond.</summary>
    public required DateTimeOffset Created { get; init; }

    public required long SourceBytes { get; init; }

    public required int LogicalSectorSize { get; init; }

    public required int PhysicalSectorSize { get; init; }

    /// <summary>Bytes of each part but the last, header included; 0 for an image in one file.</summary>
    public long PartSize { get; init; }

    /// <summary>Null for a full image.</summary>
    public ParentLink? Parent { get; init; }

    /// <summary>The key of the identity hash; zeros in an encrypted chain, whose data key gives it.</summary>
    public required ReadOnlyMemory<byte> HashKey { get; init; }

    public required SourceIdentity Identity { get; init; }

    /// <summary>The name given with --chain when the chain began; empty for a source's ordinary chain.</summary>
    public required string ChainName { get; init; }

    /// <summary>Null for a chain that isn't encrypted.</summary>
    public KeySlotTable? Keys { get; init; }

    /// <summary>Whether blocks of the image may be free.</summary>
    public bool HasFreeBlocks { get; init; }

    public bool Encrypted => Keys is not null;

    /// <summary>Whether the parts after the first are named by the image; not in images in parts from before that.</summary>
    public bool NamesParts { get; init; } = true;

    /// <summary>False if the image asks for something this program doesn't know of whoever writes a child of it.</summary>
    public bool MayExtend { get; init; } = true;

    /// <summary>Blocks of the source, the last one perhaps reaching past its end.</summary>
    public long BlockCount => (SourceBytes + BlockSize - 1) / BlockSize;

    /// <summary>The digest of the page as stored; known once written or read.</summary>
    public UInt128 Digest { get; private set; }

    /// <summary>The name of one of its files.</summary>
    public string FileName(int part) => ImageNames.Part(Sequence, part, NamesParts ? ImageId : default);

    public void Write(Span<byte> page)
    {
        Invariant.Holds(page.Length == ImageFormat.HeaderSize);
        Invariant.Holds(Sequence > 0 && (Kind == ImageKind.Full) == Parent is null);
        page.Clear();
        ImageFormat.HeaderMagic.CopyTo(page);
        Layout.U16(page, 8, ImageFormat.Version);
        Layout.U32(page, 12, ImageFormat.HeaderSize);
        FeatureBits.Of(this).Write(page[16..]);
        Layout.Guid(page, 40, ChainId);
        Layout.Guid(page, 56, ImageId);
        Layout.I64(page, 72, Sequence);
        page[80] = (byte)Kind;
        page[81] = (byte)int.Log2(BlockSize);
        page[82] = (byte)Hash;
        page[83] = (byte)Codec;
        page[84] = Encrypted ? (byte)1 : (byte)0;
        Layout.I64(page, 88, Created.ToUnixTimeMilliseconds());
        Layout.I64(page, 96, SourceBytes);
        Layout.U32(page, 104, (uint)LogicalSectorSize);
        Layout.U32(page, 108, (uint)PhysicalSectorSize);
        Layout.I64(page, 112, PartSize);
        if (Parent is { } parent)
        {
            Layout.Guid(page, 120, parent.ImageId);
            Layout.I64(page, 136, parent.Sequence);
            Layout.U128(page, 144, parent.IndexDigest);
        }

        HashKey.Span.CopyTo(page[160..]);
        Identity.Write(page.Slice(IdentityAt, SourceIdentityCodec.AreaSize));
        var name = page.Slice(NameAt, 2 + MaxName);
        Layout.U16(name, 0, (ushort)Encoding.UTF8.GetBytes(ChainName, name[2..]));
        Keys?.Write(page.Slice(KeysAt, KeySlotTable.Size));
        Digest = Layout.Digest(page[..DigestAt]);
        Layout.U128(page, DigestAt, Digest);
    }

    /// <summary>Null and what is wrong if the page is damaged, not a header, or of a version this reader can't read.</summary>
    public static ImageHeader? TryRead(ReadOnlySpan<byte> page, out string problem)
    {
        problem = "it does not begin with a Tidemark header";
        if (page.Length != ImageFormat.HeaderSize || !page.StartsWith(ImageFormat.HeaderMagic))
        {
            return null;
        }

        if (Layout.U16(page, 8) != ImageFormat.Version)
        {
            problem = $"it has format version {Layout.U16(page, 8)}, and this Tidemark reads version {ImageFormat.Version}: use a newer one";
            return null;
        }

        if (Layout.Digest(page[..DigestAt]) != Layout.U128(page, DigestAt))
        {
            problem = "its header's checksum is wrong";
            return null;
        }

        if (FeatureBits.Read(page[16..]).Refusal() is { } refusal)
        {
            problem = refusal;
            return null;
        }

        problem = "its header holds a value out of its bounds";
        try
        {
            return Parse(page);
        }
        catch (TidemarkException e)
        {
            problem = e.Message;
            return null;
        }
    }

    private static ImageHeader? Parse(ReadOnlySpan<byte> page)
    {
        var kind = (ImageKind)page[80];
        var blockLog = page[81];
        var created = Layout.I64(page, 88);
        var source = Layout.I64(page, 96);
        var part = Layout.I64(page, 112);
        var nameLength = Layout.U16(page, NameAt);
        var identity = SourceIdentity.Read(page.Slice(IdentityAt, SourceIdentityCodec.AreaSize));
        var keys = page[84] == 1 ? KeySlotTable.Read(page.Slice(KeysAt, KeySlotTable.Size), "image header") : null;
        var parent = kind == ImageKind.Full
            ? (ParentLink?)null
            : new ParentLink(Layout.Guid(page, 120), Layout.I64(page, 136), Layout.U128(page, 144));
        var sequence = Layout.I64(page, 72);
        if (kind is < ImageKind.Full or > ImageKind.Healing
            || blockLog is < 12 or > 20
            || page[84] > 1
            || nameLength > MaxName
            || !Utf8.IsValid(page.Slice(NameAt + 2, nameLength))
            || sequence <= 0
            || created < 0 || created > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            || source is < 0 or > ImageFormat.MaxSourceBytes
            || (part != 0 && (part < ImageFormat.MinPartSize || part % ImageFormat.HeaderSize != 0))
            || (parent is { } link && (link.Sequence <= 0 || (kind == ImageKind.Healing ? link.Sequence != sequence : link.Sequence >= sequence)))
            || Layout.U32(page, 104) is 0 or > ImageFormat.MaxBlockSize
            || Layout.U32(page, 108) is 0 or > ImageFormat.MaxBlockSize)
        {
            return null;
        }

        return new ImageHeader
        {
            ChainId = Layout.Guid(page, 40),
            ImageId = Layout.Guid(page, 56),
            Sequence = sequence,
            Kind = kind,
            BlockSize = 1 << blockLog,
            Hash = (HashAlgorithm)page[82],
            Codec = (Codec)page[83],
            Created = DateTimeOffset.FromUnixTimeMilliseconds(created),
            SourceBytes = source,
            LogicalSectorSize = (int)Layout.U32(page, 104),
            PhysicalSectorSize = (int)Layout.U32(page, 108),
            PartSize = part,
            Parent = parent,
            HashKey = page.Slice(160, BlockHasher.KeySize).ToArray(),
            Identity = identity,
            ChainName = Encoding.UTF8.GetString(page.Slice(NameAt + 2, nameLength)),
            Keys = keys,
            NamesParts = part == 0 || (FeatureBits.Read(page[16..]).Incompatible & FeatureBits.NamedParts) != 0,
            MayExtend = FeatureBits.Read(page[16..]).MayExtend,
            HasFreeBlocks = (FeatureBits.Read(page[16..]).Incompatible & FeatureBits.FreeBlocks) != 0,
            Digest = Layout.U128(page, DigestAt),
        };
    }
}
