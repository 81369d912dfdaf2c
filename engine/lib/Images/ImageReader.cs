using Tidemark.Engine.Format;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Stores;
using Tidemark.Engine.Tracing;

namespace Tidemark.Engine.Images;

/// <summary>
/// A committed image, open for reading by ranges. Header and footer are checked when it is opened; pages and frames
/// when they are read. <see cref="ReadPayload"/> may be called from any thread, the rest from one.
/// </summary>
internal sealed class ImageReader : IDisposable
{
    private readonly StoreFile[] parts;
    private readonly byte[] headerPage;
    private readonly byte[] footerBytes;
    private readonly string name;

    private ImageReader(string name, StoreFile[] parts, ImageHeader header, byte[] headerPage, ImageFooter footer, byte[] footerBytes)
    {
        this.name = name;
        this.parts = parts;
        this.headerPage = headerPage;
        this.footerBytes = footerBytes;
        Header = header;
        Footer = footer;
        StoredBytes = parts.Sum(p => p.Length);
    }

    public ImageHeader Header { get; }

    public ImageFooter Footer { get; }

    /// <summary>What messages call it: the path of its first part.</summary>
    public string Name => name;

    /// <summary>Bytes of all its files.</summary>
    public long StoredBytes { get; }

    /// <summary>Bytes of payload before the footer: frames, pages and metadata lie below.</summary>
    public long PayloadLength => Footer.PayloadLength;

    /// <summary>The repair file it is read through; null if it is read as it stands.</summary>
    public RepairFile? Repair { get; private set; }

    /// <summary>Parts whose own headers are damaged, and what is wrong with each; no read needs them.</summary>
    public IReadOnlyList<(int Part, string Problem)> DamagedParts { get; private init; } = [];

    /// <summary>Null until <see cref="Unlock"/>, and for an image that isn't encrypted.</summary>
    public ImageCipher? Cipher { get; private set; }

    /// <summary>Opens an image of a folder by the names of its parts, the first one first.</summary>
    /// <exception cref="TidemarkException">A part is missing, damaged or not of this image.</exception>
    public static ImageReader Open(StoreFolder folder, IReadOnlyList<string> partNames)
    {
        Invariant.Holds(partNames.Count > 0);
        var files = new List<StoreFile>(partNames.Count);
        try
        {
            foreach (var part in partNames)
            {
                files.Add(folder.OpenRead(part));
            }

            return Open([.. files]);
        }
        catch
        {
            files.ForEach(f => f.Dispose());
            throw;
        }
    }

    /// <summary>Opens an image by its parts, the first one first, and takes them over; where it throws, they are closed.</summary>
    /// <exception cref="TidemarkException">A part is missing, damaged or not of this image.</exception>
    public static ImageReader Open(StoreFile[] files)
    {
        try
        {
            return Open(files[0].Name, files);
        }
        catch
        {
            Array.ForEach(files, f => f.Dispose());
            throw;
        }
    }

    /// <summary>Opens an image as its repair file has it; parts that are gone are read as far as that file has them.</summary>
    /// <param name="parts">The names of the parts that are there, by number.</param>
    /// <param name="repair">The repair file's table.</param>
    /// <param name="open">Opens the repair file once more.</param>
    /// <exception cref="TidemarkException">It isn't this image's repair file, or the image is damaged in spite of it.</exception>
    public static ImageReader OpenRepaired(
        StoreFolder folder, long sequence, IReadOnlyDictionary<int, string> parts, RepairFile repair, Func<StoreFile> open)
    {
        var files = new List<StoreFile>(repair.Lengths.Count);
        try
        {
            for (var i = 0; i < repair.Lengths.Count; i++)
            {
                var name = ImageNames.Part(sequence, i);
                var part = parts.TryGetValue(i, out var there) ? folder.OpenRead(there) : null;
                try
                {
                    files.Add(new PatchedFile(
                        part?.Name ?? name, part, open(), repair.PiecesOf(i), repair.Lengths[i]));
                }
                catch
                {
                    part?.Dispose();
                    throw;
                }
            }

            var image = Open(files[0].Name, [.. files]);
            image.Repair = repair;
            return image.Header.ImageId == repair.ImageId
                ? image
                : throw Refuse(repair.FileName, $"it repairs image {repair.ImageId}, and {image.Name} is another");
        }
        catch
        {
            files.ForEach(f => f.Dispose());
            throw;
        }
    }

    /// <summary>
    /// Makes the cipher of an encrypted image and checks header and footer with it. Null if they authenticate; what is
    /// wrong otherwise.
    /// </summary>
    public string? TryUnlock(ChainKeys keys)
    {
        Invariant.Holds(Header.Encrypted);
        if (Cipher is not null)
        {
            return null;
        }

        var cipher = keys.CreateCipher(Header.ImageId);
        try
        {
            ImageFooter.Authenticate(footerBytes, headerPage, cipher);
        }
        catch (TidemarkException e) when (e.Error == TidemarkError.Damaged)
        {
            cipher.Dispose();
            return $"{name} doesn't authenticate with the chain's key: its header or footer was altered. "
                + "Bring it back from a copy of the chain.";
        }

        Cipher = cipher;
        return null;
    }

    /// <summary>Takes over the cipher the image was just written with.</summary>
    public void UseCipher(ImageCipher cipher) => Cipher = cipher;

    /// <summary>Ends reads of a store that may take long.</summary>
    public CancellationToken Cancellation { get; set; }

    /// <summary>Whether <see cref="ExpectPayload"/> saves time where pages are read one after the other.</summary>
    public bool TakesHints => parts[0].TakesHints;

    /// <summary>Reads a range of the payload, over parts if it has to.</summary>
    public void ReadPayload(long offset, Span<byte> buffer)
    {
        Invariant.Holds(offset >= 0 && buffer.Length <= PayloadLength + ImageFormat.FooterSize - offset);
        var began = Tracer.Begin();
        ReadPayload(parts, Header.PartSize, offset, buffer, Cancellation);
        if (began != 0)
        {
            Tracer.Log.StoreRead(offset, buffer.Length, Tracer.Since(began));
        }
    }

    /// <summary>A hint that a range of the payload, as far as there is one, will be read soon.</summary>
    public void ExpectPayload(long offset, long length)
    {
        Invariant.Holds(offset >= 0 && length >= 0);
        var perPart = Header.PartSize == 0 ? long.MaxValue : Header.PartSize - ImageFormat.HeaderSize;
        for (var end = Math.Min(offset + length, PayloadLength); offset < end;)
        {
            var (part, at) = Math.DivRem(offset, perPart);
            if (part >= parts.Length)
            {
                return;
            }

            var now = Math.Min(end - offset, perPart - at);
            parts[part].Expect(ImageFormat.HeaderSize + at, now);
            offset += now;
        }
    }

    /// <summary>The same for those who contain damage: null, or what is wrong where the store can't give the bytes.</summary>
    public string? TryReadPayload(long offset, Span<byte> buffer)
    {
        try
        {
            ReadPayload(offset, buffer);
            return null;
        }
        catch (TidemarkException e) when (e.Error == TidemarkError.Damaged)
        {
            return e.Message;
        }
    }

    /// <summary>
    /// Reads an index page into a buffer that it fits into, checked and in the clear. Null if all is well; what is wrong
    /// otherwise.
    /// </summary>
    public string? TryReadPage(in PageRef reference, byte[] buffer, out PageHeader header)
    {
        header = default;
        var stored = buffer.AsSpan(0, reference.Length);
        try
        {
            ReadPayload(reference.Offset, stored);
            return PageSeal.Open(stored, reference, Header.ImageId, Cipher, out header);
        }
        catch (TidemarkException e) when (e.Error == TidemarkError.Damaged)
        {
            return e.Message;
        }
    }

    /// <summary>Reads the metadata; null if they are damaged or sealed, which hinders no restore.</summary>
    public ImageMetadata? TryReadMetadata() => TryReadMetadata(out _);

    /// <param name="problem">What is wrong with them; null where nothing is, or where nobody can tell without the key.</param>
    public ImageMetadata? TryReadMetadata(out string? problem)
    {
        problem = null;
        if ((Header.Encrypted && Cipher is null) || Footer is { RepairId: not 0, MetadataLength: 0 })
        {
            return null;
        }

        var stored = new byte[Footer.MetadataLength];
        problem = TryReadPayload(Footer.MetadataOffset, stored);
        if (problem is not null)
        {
            return null;
        }

        problem = "the metadata's checksum is wrong.";
        if (Layout.Digest(stored) != Footer.MetadataDigest)
        {
            return null;
        }

        problem = "the metadata can't be read.";
        ReadOnlySpan<byte> plain = stored;
        if (Cipher is not null)
        {
            var length = stored.Length - ImageCipher.TagSize;
            if (length < 0 || !Cipher.TryOpen(CipherSection.Metadata, 0, [], stored, stored.AsSpan(0, length)))
            {
                return null;
            }

            plain = stored.AsSpan(0, length);
        }

        if (ImageMetadata.TryParse(plain) is not { } metadata)
        {
            return null;
        }

        problem = null;
        return metadata;
    }

    public TidemarkException Damage(string what) => TidemarkException.Damaged(
        $"Image {Header.Sequence} ({name}) is damaged: {what}. Run verify on the chain to see what can still be restored.");

    public void Dispose()
    {
        Cipher?.Dispose();
        foreach (var part in parts)
        {
            part.Dispose();
        }
    }

    private static ImageReader Open(string name, StoreFile[] parts)
    {
        var page = ReadHeaderPage(parts[0]);
        var header = ImageHeader.TryRead(page, out var problem) ?? throw Refuse(name, problem);
        var damagedParts = CheckParts(name, parts, header);
        var payload = PayloadOf(parts);
        if (payload < 0)
        {
            throw Refuse(name, "it is cut off");
        }

        var bytes = new byte[ImageFormat.FooterSize];
        ReadPayload(parts, header.PartSize, payload, bytes, default);
        var footer = ImageFooter.TryRead(bytes, payload, out problem);
        if (footer is null)
        {
            // Every part but the last is full, so a full one without a footer has another behind it.
            var cutOff = header.PartSize > 0 && parts[^1].Length == header.PartSize;
            throw Refuse(parts[^1].Name, cutOff ? $"part {parts.Length} ({header.FileName(parts.Length)}) is missing" : problem);
        }

        if (footer.ImageId != header.ImageId || footer.HeaderDigest != header.Digest || footer.Parts != parts.Length)
        {
            throw Refuse(name, "its header and footer aren't of one image, or a part is missing");
        }

        return new ImageReader(name, parts, header, page, footer, bytes) { DamagedParts = damagedParts };
    }

    private static long PayloadOf(StoreFile[] parts)
    {
        // Files with holes can claim any length.
        var sum = -(Int128)ImageFormat.FooterSize;
        foreach (var part in parts)
        {
            sum += part.Length - ImageFormat.HeaderSize;
        }

        return sum <= ImageFormat.MaxSourceBytes ? (long)sum : throw Refuse(parts[0].Name, "its files have more bytes than an image can");
    }

    /// <summary>Parts whose headers are damaged, and what is wrong with them.</summary>
    private static List<(int Part, string Problem)> CheckParts(string name, StoreFile[] parts, ImageHeader header)
    {
        List<(int, string)> damaged = [];
        if (parts.Length > 1 && header.PartSize == 0)
        {
            throw Refuse(name, "there are parts beside it, but it was written as one file");
        }

        for (var i = 0; i < parts.Length; i++)
        {
            if (i < parts.Length - 1 && parts[i].Length != header.PartSize)
            {
                throw Refuse(parts[i].Name, $"it is {parts[i].Length} bytes long where each part but the last has {header.PartSize}");
            }

            if (i > 0 && CheckPart(parts[i], i, header) is { } problem)
            {
                damaged.Add((i, problem));
            }
        }

        return damaged;
    }

    /// <summary>
    /// What is wrong with the header of a part; null if nothing is. It only says whose part the file is, which every frame and
    /// page in it says too, so damage to it costs nothing; a whole one of something else is refused.
    /// </summary>
    private static string? CheckPart(StoreFile file, int number, ImageHeader header)
    {
        var page = new byte[ImageFormat.HeaderSize];
        try
        {
            page = ReadHeaderPage(file);
        }
        catch (TidemarkException e) when (e.Error == TidemarkError.Damaged && file.Length >= page.Length)
        {
            return e.Message;
        }

        if (!PartHeader.TryRead(page, out var part))
        {
            return ImageHeader.TryRead(page, out _) is null
                ? "its header's checksum is wrong."
                : throw Refuse(file.Name, $"it isn't part {number} of image {header.Sequence}");
        }

        return part.ImageId == header.ImageId && part.Number == number && part.PartSize == header.PartSize
            ? null
            : throw Refuse(file.Name, $"it isn't part {number} of image {header.Sequence}");
    }

    private static byte[] ReadHeaderPage(StoreFile file)
    {
        if (file.Length < ImageFormat.HeaderSize)
        {
            throw Refuse(file.Name, "it is cut off");
        }

        var page = new byte[ImageFormat.HeaderSize];
        file.ReadAt(0, page);
        return page;
    }

    private static TidemarkException Refuse(string file, string problem) =>
        TidemarkException.Damaged($"{file} can't be read as an image: {problem}.");

    private static void ReadPayload(StoreFile[] parts, long partSize, long offset, Span<byte> buffer, CancellationToken cancellation)
    {
        var perPart = partSize == 0 ? long.MaxValue : partSize - ImageFormat.HeaderSize;
        while (!buffer.IsEmpty)
        {
            var (part, at) = Math.DivRem(offset, perPart);
            if (part >= parts.Length)
            {
                throw Refuse(parts[0].Name, "it ends before a range that it refers to");
            }

            var now = (int)Math.Min(buffer.Length, perPart - at);
            parts[part].ReadAt(ImageFormat.HeaderSize + at, buffer[..now], cancellation);
            offset += now;
            buffer = buffer[now..];
        }
    }
}
