using Tidemark.Engine.Format;
using Tidemark.Engine.Stores;

namespace Tidemark.Engine.Chains;

/// <summary>Parts of one image in a folder, without its head.</summary>
/// <param name="sequence">The image's number.</param>
/// <param name="image">The image that names them; empty where they are named by their numbers alone.</param>
internal sealed class PartSet(long sequence, Guid image)
{
    private readonly SortedDictionary<int, StoreEntry> parts = [];

    public long Sequence => sequence;

    public Guid Image => image;

    public IReadOnlyCollection<StoreEntry> Entries => parts.Values;

    public long Bytes => parts.Values.Sum(p => p.Length);

    /// <summary>The first part in between that isn't there; null if none is missing.</summary>
    public int? FirstMissing
    {
        get
        {
            var next = 1;
            foreach (var part in parts.Keys)
            {
                if (part != next)
                {
                    return next;
                }

                next++;
            }

            return null;
        }
    }

    public void Add(int part, in StoreEntry entry) => parts[part] = entry;

    /// <summary>
    /// Whether their image was certainly never committed: its writer had not come to the end. Every part but the last is
    /// full, and the last ends with the footer, so a last one that is full and has none had another to follow. What can't be
    /// read tells nothing; what is gone by now was cleared away.
    /// </summary>
    public bool IsCutOff(StoreFolder folder)
    {
        var (number, last) = parts.Last();
        try
        {
            using var file = folder.OpenRead(last.Name);
            var page = new byte[ImageFormat.HeaderSize];
            if (file.Length < page.Length)
            {
                return false;
            }

            file.ReadAt(0, page);
            if (!PartHeader.TryRead(page, out var header) || header.Number != number || file.Length != header.PartSize)
            {
                return false;
            }

            var footer = new byte[ImageFormat.FooterSize];
            file.ReadAt(file.Length - footer.Length, footer);
            return !footer.AsSpan().StartsWith(ImageFormat.FooterMagic);
        }
        catch (TidemarkException)
        {
            return folder.List().All(e => e.Name != last.Name);
        }
    }
}
