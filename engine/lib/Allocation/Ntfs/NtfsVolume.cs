using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Allocation.Ntfs;

/// <summary>An NTFS volume by its records: files of the MFT, and the contents of their attributes.</summary>
internal sealed class NtfsVolume
{
    /// <summary>Files of the system with fixed numbers (Linux-NTFS project's layout.h, NTFS_SYSTEM_FILES).</summary>
    public const long MftFile = 0;
    public const long MftMirrorFile = 1;
    public const long LogFile = 2;
    public const long VolumeFile = 3;
    public const long RootFolder = 5;
    public const long BitmapFile = 6;
    public const long BootFile = 7;

    private readonly AllocationSource source;
    private readonly NtfsBootSector boot;
    private NtfsContent? mft;

    /// <exception cref="AllocationException">The MFT isn't to be read.</exception>
    public NtfsVolume(AllocationSource source, NtfsBootSector boot)
    {
        this.source = source;
        this.boot = boot;
        Clusters = boot.Sectors / (boot.ClusterSize / boot.SectorSize);
        if (boot.Sectors > source.Length / boot.SectorSize)
        {
            throw new AllocationException("it is cut off: by its boot sector it is larger than what it lies on");
        }

        if (boot.MftCluster >= Clusters)
        {
            throw new AllocationException("its boot sector has no place of the MFT that is inside");
        }

        var bytes = new byte[boot.RecordSize];
        source.Read(boot.MftCluster * boot.ClusterSize, bytes);
        if (OpenContent(FileRecord.Read(MftFile, bytes), NtfsAttribute.Data, "") is null)
        {
            throw new AllocationException("its MFT has no clusters");
        }
    }

    public int ClusterSize => boot.ClusterSize;

    public int RecordSize => boot.RecordSize;

    /// <summary>Whole clusters; sectors behind them are in none.</summary>
    public long Clusters { get; }

    /// <summary>Records that the MFT has room for; none before its own first one was read.</summary>
    public long Records => (mft?.Length ?? 0) / boot.RecordSize;

    /// <exception cref="AllocationException">There is no such record, or it is damaged.</exception>
    public FileRecord ReadRecord(long number)
    {
        var bytes = new byte[boot.RecordSize];
        if (number >= Records)
        {
            throw new AllocationException($"record {number} lies behind the end of its MFT");
        }

        mft!.Read(number * boot.RecordSize, bytes);
        return FileRecord.Read(number, bytes);
    }

    /// <summary>A file of the system, which is always in use.</summary>
    /// <exception cref="AllocationException">It isn't there, or its record is damaged.</exception>
    public FileRecord ReadSystemFile(long number) =>
        ReadRecord(number) is { IsInUse: true, Base.Number: 0 } file ? file : throw new AllocationException($"system file {number} is missing");

    /// <summary>The file that a reference names; null where it is gone.</summary>
    /// <exception cref="AllocationException">Its record is damaged.</exception>
    public FileRecord? TryReadFile(FileReference reference) =>
        ReadRecord(reference.Number) is { IsInUse: true } record && record.Sequence == reference.Sequence ? record : null;

    /// <summary>The content of a non-resident attribute, whose parts may be in several records; null where there is none.</summary>
    /// <exception cref="AllocationException">What describes it is damaged.</exception>
    public NtfsContent? OpenContent(FileRecord file, uint type, string name)
    {
        NtfsContent? content = null;
        if (!file.TryFind(NtfsAttribute.AttributeList, "", out var list))
        {
            if (file.TryFind(type, name, out var attribute) && !attribute.IsResident)
            {
                Append(ref content, file, attribute);
            }
        }
        else
        {
            AppendParts(ref content, file, ReadList(list), type, name);
        }

        return content is not null && content.Length > content.EndVcn * ClusterSize
            ? throw new AllocationException($"file {file.Number} is longer than its clusters")
            : content;
    }

    /// <summary>The value of a resident attribute, wherever it is; null where there is none.</summary>
    /// <exception cref="AllocationException">What describes it is damaged.</exception>
    public byte[]? ReadValue(FileRecord file, uint type, string name)
    {
        if (!file.TryFind(NtfsAttribute.AttributeList, "", out var list))
        {
            return file.TryFind(type, name, out var attribute) && attribute.IsResident ? attribute.Value.ToArray() : null;
        }

        for (ReadOnlySpan<byte> rest = ReadList(list); rest.Length > 0;)
        {
            var entry = AttributeListEntry.Read(rest);
            rest = rest[entry.Length..];
            if (entry.Type == type && entry.Name.SequenceEqual(name))
            {
                var attribute = FindPart(ReadPart(file, entry), entry);
                return attribute.IsResident ? attribute.Value.ToArray() : null;
            }
        }

        return null;
    }

    private byte[] ReadList(NtfsAttribute list)
    {
        if (list.IsResident)
        {
            return list.Value.ToArray();
        }

        var content = NewContent(list);
        content.Append(list, Clusters);
        if (content.Length > AttributeListEntry.MostListBytes)
        {
            throw new AllocationException("the list of a file's attributes is longer than it can be");
        }

        var bytes = new byte[content.Length];
        content.Read(0, bytes);
        return bytes;
    }

    private void AppendParts(ref NtfsContent? content, FileRecord file, ReadOnlySpan<byte> list, uint type, string name)
    {
        while (list.Length > 0)
        {
            var entry = AttributeListEntry.Read(list);
            list = list[entry.Length..];
            if (entry.Type == type && entry.Name.SequenceEqual(name))
            {
                var record = ReadPart(file, entry);
                var attribute = FindPart(record, entry);
                if (attribute.IsResident)
                {
                    return;
                }

                Append(ref content, file, attribute);
            }
        }
    }

    // The parts of the MFT describe where its further records are, each from those before.
    private FileRecord ReadPart(FileRecord file, AttributeListEntry entry)
    {
        if (entry.Record == file.Reference)
        {
            return file;
        }

        var record = TryReadFile(entry.Record);
        return record is not null && record.Base == file.Reference
            ? record
            : throw new AllocationException($"record {entry.Record.Number} of its MFT doesn't belong to file {file.Number}, which names it");
    }

    private static NtfsAttribute FindPart(FileRecord record, AttributeListEntry entry)
    {
        foreach (var attribute in record)
        {
            if (attribute.Instance == entry.Instance && attribute.Type == entry.Type && attribute.Name.SequenceEqual(entry.Name)
                && (attribute.IsResident ? 0 : attribute.LowestVcn) == entry.LowestVcn)
            {
                return attribute;
            }
        }

        throw new AllocationException($"record {record.Number} of its MFT lacks an attribute that it should have");
    }

    private void Append(ref NtfsContent? content, FileRecord file, NtfsAttribute part)
    {
        content ??= part.IsResident || part.LowestVcn != 0
            ? throw new AllocationException($"the list of file {file.Number}'s attributes is out of order")
            : NewContent(part);
        if (file.Number == MftFile && part.Type == NtfsAttribute.Data && part.Name.Length == 0)
        {
            mft ??= content;
        }

        content.Append(part, Clusters);
    }

    private NtfsContent NewContent(NtfsAttribute first) =>
        new(source, ClusterSize, first.DataSize, first.InitializedSize, first.IsPlain);
}
