using System.Runtime.InteropServices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Images;
using Tidemark.Engine.Locations;

namespace Tidemark.Engine.Operations.Backups;

/// <summary>
/// Where a source was found when it was imaged: what changes while a source stays the same, one thing at a time as a rule. Two
/// sources of which all of it differs, though their ids are equal, are copies (machines from one template, halves of a
/// mirror). What isn't known is null.
/// </summary>
internal sealed record SourceTrace
{
    /// <summary>Serial numbers say nothing to each other across these: each system reads another one off a device.</summary>
    private enum Family
    {
        Unknown,
        Windows,
        Other,
    }

    private string? Machine { get; init; }

    private string? Path { get; init; }

    private string? Serial { get; init; }

    private string? Node { get; init; }

    private string? PathDigest { get; init; }

    private long Bytes { get; init; }

    private Family System { get; init; }

    /// <summary>Where an image's source was; of an encrypted chain that isn't open, what its header knows.</summary>
    public static SourceTrace Of(ImageReader image)
    {
        ImageMetadata? metadata = null;
        try
        {
            metadata = image.TryReadMetadata();
        }
        catch (Exception e) when (e is TidemarkException or IOException)
        {
            // Whoever reads the image will say so; here it is a hint that isn't there.
        }

        return Of(image.Header, metadata);
    }

    /// <summary>Where a source is now.</summary>
    public static SourceTrace Of(OpenedSource source) => new()
    {
        Machine = Environment.MachineName,
        Path = source.Location.Text,
        Serial = source.Serial,
        Node = source.Identity[IdentityKind.FileNode],
        PathDigest = source.Identity[IdentityKind.FilePath],
        Bytes = source.Device.Length,
        System = FamilyOf(RuntimeInformation.OSDescription),
    };

    /// <summary>Whether something says that both are one and the same: the device, the file, or the path on the machine.</summary>
    public bool IsSame(SourceTrace other) =>
        Same(Serial, other.Serial) || Same(Node, other.Node) || Same(PathDigest, other.PathDigest)
        || (Same(Machine, other.Machine) && Same(Path, other.Path) && !Differs(Serial, other.Serial) && !Differs(Node, other.Node));

    /// <summary>Whether both are one device or file, whatever its path: copies that are made anew under one name aren't.</summary>
    public bool IsVery(SourceTrace other) =>
        Same(Serial, other.Serial) || Same(Node, other.Node) || (Node is null && other.Node is null && IsSame(other));

    /// <summary>Whether something says that both are different things, and nothing that they are one.</summary>
    public bool IsForeign(SourceTrace other) =>
        !IsSame(other)
        && (System == other.System || System == Family.Unknown || other.System == Family.Unknown)
        && (Differs(Serial, other.Serial) || Differs(Machine, other.Machine)
            || (Differs(Node, other.Node) && Differs(PathDigest, other.PathDigest)));

    /// <summary>
    /// Whether nothing at all is the same. A disk that is carried to another machine has its serial number and its size
    /// still, and a snapshot or a copy of a file its machine. (A device is called alike on many machines.)
    /// </summary>
    public bool IsElsewhere(SourceTrace other) =>
        IsForeign(other) && Differs(Machine, other.Machine) && (!Same(Path, other.Path) || (Node ?? other.Node) is null)
        && (Differs(Serial, other.Serial) || Differs(Node, other.Node) || Bytes != other.Bytes);

    public override string ToString() => $"{Path ?? "a source"} of {Machine ?? "an unknown machine"}{(Serial is null ? "" : $", serial {Serial}")}";

    /// <summary>The same by what an image says of itself.</summary>
    internal static SourceTrace Of(ImageHeader header, ImageMetadata? metadata) => new()
    {
        Machine = Known(metadata?.Machine),
        Path = Known(metadata?.Source),
        Serial = metadata?.Serial,
        Node = header.Identity[IdentityKind.FileNode],
        PathDigest = header.Identity[IdentityKind.FilePath],
        Bytes = header.SourceBytes,
        System = FamilyOf(metadata?.System),
    };

    private static string? Known(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static Family FamilyOf(string? system) => string.IsNullOrEmpty(system) ? Family.Unknown
        : system.Contains("Windows", StringComparison.OrdinalIgnoreCase) ? Family.Windows : Family.Other;

    private static bool Same(string? a, string? b) => a is not null && string.Equals(a, b, StringComparison.Ordinal);

    private static bool Differs(string? a, string? b) => a is not null && b is not null && !string.Equals(a, b, StringComparison.Ordinal);
}
