using System.Diagnostics;

namespace Tidemark.Engine.Format;

/// <summary>
/// What a source is known by, itself, whatever machine and path it is found at: up to eight items, one of a kind,
/// strongest first. Immutable.
/// </summary>
public sealed class SourceIdentity : IEquatable<SourceIdentity>
{
    /// <summary>No source has more than four kinds today; twice that leaves room in the header for what comes.</summary>
    public const int MaxItems = 8;

    private readonly IdentityItem[] items;

    private SourceIdentity(IdentityItem[] items) => this.items = items;

    /// <summary>The identity of a source of which nothing is known; it matches nothing.</summary>
    public static SourceIdentity None { get; } = new([]);

    /// <summary>The items, strongest kind first.</summary>
    public IReadOnlyList<IdentityItem> Items => items;

    public bool IsEmpty => items.Length == 0;

    /// <summary>The text of a kind, or null where the source isn't known by it.</summary>
    public string? this[IdentityKind kind]
    {
        get
        {
            foreach (var item in items)
            {
                if (item.Kind == kind)
                {
                    return item.Value;
                }
            }

            return null;
        }
    }

    /// <summary>Makes an identity of items in any order; of two items of one kind the first is kept.</summary>
    public static SourceIdentity Of(params IEnumerable<IdentityItem> items)
    {
        var sorted = items.DistinctBy(item => item.Kind).OrderBy(item => item.Kind).ToArray();
        Debug.Assert(sorted.Length <= MaxItems);
        return sorted.Length == 0 ? None : new SourceIdentity(sorted);
    }

    /// <summary>
    /// Whether two identities are of the same source. The strongest kind that both know decides; what no kind
    /// connects isn't the same. The exception: of <see cref="IdentityKind.FileNode"/> and
    /// <see cref="IdentityKind.FilePath"/> either suffices, since a file is replaced under its path (a copy renamed
    /// into place) and moved with its inode, and stays the same source both times. Kinds that this version doesn't
    /// know are carried along and decide nothing.
    /// </summary>
    public static bool Matches(SourceIdentity a, SourceIdentity b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        for (var kind = IdentityKind.VhdxDiskId; kind <= IdentityKind.DeviceSerial; kind++)
        {
            // Images of older versions know their source by ids that are none.
            if (a[kind] is { } left && b[kind] is { } right && KnownId.IsId(left) && KnownId.IsId(right))
            {
                return string.Equals(left, right, StringComparison.Ordinal);
            }
        }

        return Same(IdentityKind.FileNode) || Same(IdentityKind.FilePath);

        bool Same(IdentityKind kind) => a[kind] is { } left && string.Equals(left, b[kind], StringComparison.Ordinal);
    }

    /// <summary>This identity with items of kinds it doesn't have yet.</summary>
    public SourceIdentity With(params IEnumerable<IdentityItem> more) => Of(items.Concat(more));

    /// <summary>Reads the fixed area of a header; see <see cref="SourceIdentityCodec"/>.</summary>
    /// <exception cref="TidemarkException">The area isn't an identity.</exception>
    public static SourceIdentity Read(ReadOnlySpan<byte> area) => SourceIdentityCodec.Read(area);

    /// <summary>Fills the fixed area of a header; see <see cref="SourceIdentityCodec"/>.</summary>
    public void Write(Span<byte> area) => SourceIdentityCodec.Write(this, area);

    /// <summary>
    /// The one that people know, for messages and tables: the strongest item that stands in the source itself or on its
    /// device. Where a file lies on its file system is told in words, since nobody knows its numbers.
    /// </summary>
    public string ToShortString() =>
        IsEmpty ? "unknown"
        : items[0].Kind is IdentityKind.FileNode or IdentityKind.FilePath ? "a file, by its place"
        : items[0].ToString();

    /// <summary>All items, strongest first, with blanks between.</summary>
    public override string ToString() => IsEmpty ? "unknown" : string.Join(' ', items);

    public bool Equals(SourceIdentity? other) => other is not null && items.AsSpan().SequenceEqual(other.items);

    public override bool Equals(object? obj) => Equals(obj as SourceIdentity);

    public override int GetHashCode() => items.Length == 0 ? 0 : HashCode.Combine(items.Length, items[0]);
}
