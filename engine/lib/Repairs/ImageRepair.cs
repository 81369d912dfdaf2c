using Tidemark.Engine.Chains;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Index;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Stores;

namespace Tidemark.Engine.Repairs;

/// <summary>What became of one image.</summary>
/// <param name="File">The repair file that was made; null if none was.</param>
/// <param name="Problem">What couldn't be done; null if the image is as it was written.</param>
/// <param name="Lost">Blocks of which neither content nor hash survived.</param>
internal sealed record RepairOutcome(string? File, string? Problem, IReadOnlyList<(long First, long End)> Lost, int Pieces, long PieceBytes, int Corrected, int DamagedFrames, ImageHeader? Header);

/// <summary>
/// Repairs one image: header, parts' headers, index, metadata and footer from what survived. The image's files stay as
/// they are; what they should have stands in a new repair file beside them.
/// </summary>
internal sealed class ImageRepair(Chain chain, ChainMember member, KeySource? key, RandomSource random, CancellationToken cancellation)
{
    private readonly StoreFolder folder = chain.Folder;
    private readonly Dictionary<int, string> names = ChainMember.ByPart(member.Files);

    public RepairOutcome Run()
    {
        if (HeaderSearch.Find(folder, names, chain, out var problem) is not var (page, header))
        {
            return Failure(problem, null);
        }

        if (header.Sequence != member.Sequence || (chain.Id != Guid.Empty && header.ChainId != chain.Id))
        {
            return Failure(
                header.Sequence != member.Sequence
                    ? $"it says that it is image {header.Sequence}: give it its name back, and repair then."
                    : $"it belongs to another chain ({header.ChainId}): move it to a folder of its own.",
                header);
        }

        using var ownKeys = chain.Keys is null && header.Encrypted ? OwnKeys(header) : null;
        using var cipher = (chain.Keys ?? ownKeys)?.CreateCipher(header.ImageId);
        using var raw = RawPayload.TryOpen(folder, names, header.PartSize);
        if (raw is null)
        {
            return Failure("its parts are far from each other, and nearly nothing of it is there.", header);
        }

        var footer = Footer(raw, header, page, cipher);
        var hasher = Hasher(header, chain.Keys ?? ownKeys);
        var known = footer?.Footer.IndexDigest
            ?? chain.Members.FirstOrDefault(m => m.Image?.Header.Parent?.ImageId == header.ImageId)?.Image!.Header.Parent!.Value.IndexDigest;
        return Attempt(raw, header, page, footer, known, cipher, hasher, inPlace: true)
            ?? Attempt(raw, header, page, footer, known, cipher, hasher, inPlace: false)!;
    }

    private static RepairOutcome Failure(string problem, ImageHeader? header) => new(null, problem, [], 0, 0, 0, 0, header);

    /// <summary>The footer if it is this image's, and in an encrypted chain authentic.</summary>
    private static (byte[] Bytes, ImageFooter Footer)? Footer(RawPayload raw, ImageHeader header, byte[] page, ImageCipher? cipher)
    {
        if (HeaderSearch.Footer(raw) is not { } found || found.Footer.ImageId != header.ImageId || found.Footer.HeaderDigest != header.Digest)
        {
            return null;
        }

        try
        {
            if (cipher is not null)
            {
                ImageFooter.Authenticate(found.Bytes, page, cipher);
            }

            return found;
        }
        catch (TidemarkException e) when (e.Error == TidemarkError.Damaged)
        {
            return null;
        }
    }

    /// <summary>The keys of a chain of which no image can be opened yet: its key may have been changed since this image was made.</summary>
    private ChainKeys OwnKeys(ImageHeader header) =>
        KeyOperations.Unlock(KeyTableSelection.Select(folder, header.ChainId, [header.Keys!]).Table, key, folder.Name);

    private static BlockHasher Hasher(ImageHeader header, ChainKeys? keys)
    {
        Span<byte> hashKey = stackalloc byte[BlockHasher.KeySize];
        header.HashKey.Span.CopyTo(hashKey);
        keys?.DeriveIdentityKey(hashKey);
        return BlockHasher.Create(header.Hash, hashKey);
    }

    /// <summary>Null if the image can't be brought back as it was, with the index in its old places.</summary>
    private RepairOutcome? Attempt(
        RawPayload raw, ImageHeader header, byte[] page, (byte[] Bytes, ImageFooter Footer)? footer, UInt128? known, ImageCipher? cipher,
        BlockHasher hasher, bool inPlace)
    {
        // What goes into the places of old pages is sealed with their nonces, so it leaves this program only once it is known to
        // be the same to the last bit.
        if (inPlace && cipher is not null && !IsAsWritten(raw, header, page, footer, known, cipher, hasher))
        {
            return null;
        }

        var name = ImageNames.Aside(
            member.Sequence, ImageFiles.NextAside(folder, member.Sequence, ImageNames.RepairExtension), ImageNames.RepairExtension);
        using var writer = folder.Create(name);
        var target = new ComparingFolder(folder, raw, writer);
        using var rebuild = new ImageRebuild(target, raw, header, page, cipher, NewId(), inPlace, cancellation);
        using var survey = new PayloadSurvey(raw, header, cipher, hasher, cancellation);
        survey.Run(footer?.Footer, rebuild, trustEnd: inPlace);
        var finished = inPlace && footer is { } old
            ? rebuild.TryFinish(old.Footer, old.Bytes)
            : rebuild.TryFinish(known, footer?.Footer);
        if (!finished)
        {
            return null;
        }

        RepairFile.WriteEnd(writer, header.ImageId, target.Lengths, target.Pieces);
        writer.Settle();
        CheckWritten(writer, name, header, rebuild);
        var done = target.Pieces.Count > 0 || !AreLengths(target.Lengths);
        if (done)
        {
            writer.Complete();
        }

        return new RepairOutcome(
            done ? name : null, Problem(rebuild, known, inPlace), rebuild.Lost, target.Pieces.Count, target.Pieces.Sum(p => (long)p.Length),
            survey.Corrected, survey.DamagedFrames, header);
    }

    /// <summary>Whether the index that is made anew is the one that was written, by the digest that names that.</summary>
    private bool IsAsWritten(
        RawPayload raw, ImageHeader header, byte[] page, (byte[] Bytes, ImageFooter Footer)? footer, UInt128? known, ImageCipher cipher,
        BlockHasher hasher)
    {
        using var nowhere = new NowhereWriter();
        using var rebuild = new ImageRebuild(
            new ComparingFolder(folder, raw, nowhere), raw, header, page, cipher, NewId(), inPlace: true, cancellation);
        using var survey = new PayloadSurvey(raw, header, cipher, hasher, cancellation);
        survey.Run(footer?.Footer, rebuild, trustEnd: true);
        return footer is { } old ? rebuild.TryFinish(old.Footer, old.Bytes) : rebuild.TryFinish(known, null);
    }

    private static string? Problem(ImageRebuild rebuild, UInt128? known, bool inPlace) => inPlace ? null
        : rebuild.LostBlocks > 0
            ? $"{rebuild.LostBlocks} {(rebuild.LostBlocks == 1 ? "block is" : "blocks are")} lost: neither content nor the index that spoke of it survived."
            : known is { } digest && digest != rebuild.IndexDigest
                ? "its index was made anew and isn't the one that its children were made from, although nothing is known to be missing."
                : null;

    /// <summary>Whether the files have the lengths that they should.</summary>
    private bool AreLengths(IReadOnlyList<long> lengths) => lengths.Count == member.Files.Count
        && member.Files.All(f => ImageNames.TryParse(f.Name, out _, out var part) && part < lengths.Count && lengths[part] == f.Length);

    /// <summary>Opens the image through its repair file and reads all of its index before the repair counts.</summary>
    private void CheckWritten(StoreWriter writer, string name, ImageHeader header, ImageRebuild rebuild)
    {
        using var written = writer.OpenWritten();
        if (written is null)
        {
            return;
        }

        using var image = ImageReader.OpenRepaired(
            folder, member.Sequence, names, RepairFile.Read(written, name), () => writer.OpenWritten()!);
        if (header.Encrypted)
        {
            using var keys = chain.Keys is null ? OwnKeys(header) : null;
            if (image.TryUnlock(chain.Keys ?? keys!) is { } problem)
            {
                throw TidemarkException.Failed(problem);
            }
        }

        var blocks = new ImageCursor(image, header.BlockCount).CountAll();
        if (blocks != rebuild.ChangedBlocks)
        {
            throw TidemarkException.Failed(
                $"The repaired index of image {member.Sequence} reads back {blocks} blocks where {rebuild.ChangedBlocks} were written. Check the store's disk.");
        }
    }

    private uint NewId()
    {
        Span<byte> bytes = stackalloc byte[4];
        random.Fill(bytes);
        return (Layout.U32(bytes, 0) & int.MaxValue) | 1;
    }
}
