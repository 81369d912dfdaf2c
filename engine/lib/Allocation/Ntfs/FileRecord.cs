using System.Buffers.Binary;

namespace Tidemark.Engine.Allocation.Ntfs;

/// <summary>A record of the MFT (Linux-NTFS project's layout.h, MFT_RECORD).</summary>
internal sealed class FileRecord
{
    private const int HeaderSize = 42;
    private const ushort InUseFlag = 1;
    private const ushort FolderFlag = 2;

    private readonly byte[] bytes;

    private FileRecord(long number, byte[] bytes)
    {
        Number = number;
        this.bytes = bytes;
    }

    public long Number { get; }

    /// <summary>How often the record was used; a reference to an earlier use is none.</summary>
    public ushort Sequence => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(16));

    /// <summary>Names of the file in folders.</summary>
    public ushort Links => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(18));

    public bool IsInUse => (Flags & InUseFlag) != 0;

    public bool IsFolder => (Flags & FolderFlag) != 0;

    /// <summary>The record that this one continues; no reference where it is one of its own.</summary>
    public FileReference Base => new(BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(32)));

    public FileReference Reference => FileReference.Of(Number, Sequence);

    /// <summary>Bytes up to the end of the last attribute.</summary>
    public ReadOnlySpan<byte> Used => bytes.AsSpan(0, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(24)));

    private ushort Flags => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(22));

    /// <param name="number">The record's number, for messages.</param>
    /// <param name="bytes">The record as it is on disk, which becomes the result's.</param>
    /// <exception cref="AllocationException">It isn't a record, or is torn.</exception>
    public static FileRecord Read(long number, byte[] bytes)
    {
        if (!bytes.AsSpan().StartsWith("FILE"u8) || !UpdateSequence.TryUndo(bytes))
        {
            throw Damaged(number);
        }

        var attributes = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(20));
        var used = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(24));
        return attributes < HeaderSize || used > bytes.Length || attributes > used ? throw Damaged(number) : new FileRecord(number, bytes);
    }

    /// <summary>The attributes in the record itself.</summary>
    public Enumerator GetEnumerator() => new(Used[BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(20))..]);

    /// <summary>The first attribute of a type in the record itself.</summary>
    public bool TryFind(uint type, ReadOnlySpan<char> name, out NtfsAttribute found)
    {
        foreach (var attribute in this)
        {
            if (attribute.Type == type && attribute.Name.SequenceEqual(name))
            {
                found = attribute;
                return true;
            }
        }

        found = default;
        return false;
    }

    private static AllocationException Damaged(long number) => new($"record {number} of its MFT is damaged");

    internal ref struct Enumerator(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> rest = rest;
        private NtfsAttribute current;

        public readonly NtfsAttribute Current => current;

        public bool MoveNext()
        {
            if (!NtfsAttribute.TryRead(rest, out current))
            {
                return false;
            }

            rest = rest[current.Length..];
            return true;
        }
    }
}
