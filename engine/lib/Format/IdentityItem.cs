using System.Diagnostics;
using System.Text;

namespace Tidemark.Engine.Format;

/// <summary>One thing a source is known by: a kind and its text, compared byte for byte.</summary>
public readonly record struct IdentityItem
{
    /// <summary>Longest text in UTF-8 bytes: eight such items, each with its four bytes in front, fit the header's area.</summary>
    public const int MaxValueBytes = 120;

    public IdentityItem(IdentityKind kind, string value)
    {
        Debug.Assert(kind != 0);
        Debug.Assert(IsValidValue(value), "an identity's text is 1 to 120 bytes without control characters");
        Kind = kind;
        Value = value;
    }

    public IdentityKind Kind { get; }

    /// <summary>The text without the kind's prefix.</summary>
    public string Value { get; }

    /// <summary>What the text forms call the kind; a file system's text names its own type.</summary>
    public override string ToString() => Kind switch
    {
        IdentityKind.VhdxDiskId => $"vhdx-disk:{Value}",
        IdentityKind.VhdUniqueId => $"vhd-disk:{Value}",
        IdentityKind.GptDisk => $"gpt-disk:{Value}",
        IdentityKind.MbrDisk => $"mbr-disk:{Value}",
        IdentityKind.FileSystem => Value,
        IdentityKind.GptPartition => $"gpt-part:{Value}",
        IdentityKind.MbrPartition => $"mbr-part:{Value}",
        IdentityKind.DeviceSerial => $"serial:{Value}",
        IdentityKind.FileNode => $"file-node:{Value}",
        IdentityKind.FilePath => $"file-path:{Value}",
        _ => $"kind-{(int)Kind}:{Value}",
    };

    internal static bool IsValidValue(string value) =>
        value.Length > 0
        && value.Length <= MaxValueBytes
        && Encoding.UTF8.GetByteCount(value) <= MaxValueBytes
        && !value.AsSpan().ContainsAnyInRange('\0', '\x1f')
        && !value.AsSpan().ContainsAnyInRange('\x7f', '\x9f');
}
