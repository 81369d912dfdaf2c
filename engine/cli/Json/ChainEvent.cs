using Tidemark.Engine.Operations.Catalogs;

namespace Tidemark.Cli.Json;

/// <summary>One chain of <c>list</c> with its images.</summary>
internal sealed class ChainEvent(ChainSummary chain) : CliEvent("chain")
{
    public string Chain => chain.Folder;

    public string? Problem => chain.Problem;

    public Guid ChainId => chain.ChainId;

    public string Name => chain.Name;

    public string Identity => chain.Identity;

    public int BlockSize => chain.BlockSize;

    public string Hash => JsonShapes.Name(chain.Hash);

    public bool Encrypted => chain.Encrypted;

    public long StoredBytes => chain.StoredBytes;

    public ImageObject[] Images => [.. chain.Images.Select(i => new ImageObject(i))];

    public BrokenObject[] Broken => [.. chain.Broken.Select(b => new BrokenObject(b))];

    public IReadOnlyList<long> Uncommitted => chain.Uncommitted;

    public IReadOnlyList<long> Restorable => chain.Restorable;
}

/// <summary>One image as a list tells it.</summary>
internal sealed class ImageObject(ImageSummary image)
{
    public long Sequence => image.Sequence;

    public Guid ImageId => image.ImageId;

    public string Kind => JsonShapes.Name(image.Kind);

    public DateTime Created => image.Created.UtcDateTime;

    public long? Parent => image.Parent;

    public string Identity => image.Identity;

    public long SourceBytes => image.SourceBytes;

    public long ChangedBlocks => image.ChangedBlocks;

    public long ChangedBytes => image.ChangedBytes;

    public long DataBytes => image.DataBytes;

    public long StoredBytes => image.StoredBytes;

    public long IndexBytes => image.IndexBytes;

    public long UnreadableBytes => image.UnreadableBytes;

    public int Parts => image.Parts;
}

/// <summary>An image that can't be read.</summary>
internal sealed class BrokenObject(BrokenImage image)
{
    public long Sequence => image.Sequence;

    public string Problem => image.Problem;
}

/// <summary>The result of <c>list</c>.</summary>
internal sealed class ListEvent(IReadOnlyList<ChainSummary> chains) : ResultEvent("list", ExitCodes.Done)
{
    public int Chains => chains.Count;

    public int Images => chains.Sum(c => c.Images.Count);

    public int Broken => chains.Sum(c => c.Broken.Count);

    public long StoredBytes => chains.Sum(c => c.StoredBytes);
}
