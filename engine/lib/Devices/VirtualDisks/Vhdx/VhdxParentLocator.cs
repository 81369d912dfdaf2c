using System.Buffers.Binary;
using System.Text;

namespace Tidemark.Engine.Devices.VirtualDisks.Vhdx;

/// <summary>
/// The parent locator item of a differencing disk ([MS-VHDX] 2.6.2.6): keys and values in UTF-16 that name the
/// parent's identity and paths.
/// </summary>
internal sealed record VhdxParentLocator(IReadOnlyList<KeyValuePair<string, string>> Values)
{
    /// <summary>The only type of locator there is ([MS-VHDX] 2.6.2.6.3).</summary>
    public static readonly Guid VhdxType = new("B04AEFB7-D19E-4A81-B789-25B8E9445913");

    /// <summary>The parent's data write GUID, in braces.</summary>
    public const string Linkage = "parent_linkage";

    /// <summary>Another data write GUID that the parent may have.</summary>
    public const string Linkage2 = "parent_linkage2";

    public const string RelativePath = "relative_path";
    public const string VolumePath = "volume_path";
    public const string AbsolutePath = "absolute_win32_path";

    /// <summary>Entries taken at most; the specification defines five keys.</summary>
    public const int MaxEntries = 64;

    private const int HeaderSize = 20;
    private const int EntrySize = 12;

    public string? this[string key]
    {
        get
        {
            foreach (var (name, value) in Values)
            {
                if (name == key)
                {
                    return value;
                }
            }

            return null;
        }
    }

    /// <summary>What a new child says of its parent.</summary>
    public static VhdxParentLocator Of(Writing.ParentFile parent) => new(
    [
        new(Linkage, parent.Id.ToString("B")),
        new(RelativePath, parent.WindowsRelativePath),
        new(AbsolutePath, parent.WindowsAbsolutePath),
    ]);

    /// <summary>Reads an item of at most 1 MiB. Null if it isn't sound, and <paramref name="problem"/> says why.</summary>
    public static VhdxParentLocator? Read(ReadOnlySpan<byte> source, out string problem)
    {
        problem = "its parent locator is too short";
        if (source.Length < HeaderSize)
        {
            return null;
        }

        var type = new Guid(source[..16]);
        var count = BinaryPrimitives.ReadUInt16LittleEndian(source[18..]);
        problem =
            type != VhdxType ? $"its parent locator has the unknown type {type}"
            : count > MaxEntries ? $"its parent locator has {count} entries, and {MaxEntries} are taken at most"
            : HeaderSize + (count * EntrySize) > source.Length ? problem
            : "";
        if (problem.Length > 0)
        {
            return null;
        }

        var values = new KeyValuePair<string, string>[count];
        for (var i = 0; i < count; i++)
        {
            var entry = source.Slice(HeaderSize + (i * EntrySize), EntrySize);
            var key = Text(source, entry, 0, 8);
            var value = Text(source, entry, 4, 10);
            if (key is null || value is null)
            {
                problem = "an entry of its parent locator leaves the item";
                return null;
            }

            values[i] = new KeyValuePair<string, string>(key, value);
        }

        return new VhdxParentLocator(values);
    }

    /// <summary>The item's bytes, of whatever length the values need.</summary>
    public byte[] ToBytes()
    {
        var text = new MemoryStream();
        var start = HeaderSize + (Values.Count * EntrySize);
        var table = new byte[start];
        VhdxType.TryWriteBytes(table);
        BinaryPrimitives.WriteUInt16LittleEndian(table.AsSpan(18), (ushort)Values.Count);
        for (var i = 0; i < Values.Count; i++)
        {
            var entry = table.AsSpan(HeaderSize + (i * EntrySize));
            var key = Encoding.Unicode.GetBytes(Values[i].Key);
            var value = Encoding.Unicode.GetBytes(Values[i].Value);
            BinaryPrimitives.WriteUInt32LittleEndian(entry, (uint)(start + text.Length));
            BinaryPrimitives.WriteUInt16LittleEndian(entry[8..], (ushort)key.Length);
            text.Write(key);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], (uint)(start + text.Length));
            BinaryPrimitives.WriteUInt16LittleEndian(entry[10..], (ushort)value.Length);
            text.Write(value);
        }

        return [.. table, .. text.ToArray()];
    }

    private static string? Text(ReadOnlySpan<byte> item, ReadOnlySpan<byte> entry, int offsetField, int lengthField)
    {
        var offset = BinaryPrimitives.ReadUInt32LittleEndian(entry[offsetField..]);
        var length = BinaryPrimitives.ReadUInt16LittleEndian(entry[lengthField..]);
        return offset > item.Length || length > item.Length - offset || length % 2 != 0
            ? null
            : Encoding.Unicode.GetString(item.Slice((int)offset, length));
    }
}
