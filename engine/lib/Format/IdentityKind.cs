namespace Tidemark.Engine.Format;

/// <summary>
/// What a source can be known by, strongest first. The values stand in image headers and never change their meaning.
/// </summary>
public enum IdentityKind : byte
{
    /// <summary>The VirtualDiskId of a VHDX file, as a GUID.</summary>
    VhdxDiskId = 1,

    /// <summary>The Unique ID of a VHD footer, as a GUID.</summary>
    VhdUniqueId = 2,

    /// <summary>The disk GUID of a GPT header.</summary>
    GptDisk = 3,

    /// <summary>The disk signature of an MBR, eight hexadecimal digits.</summary>
    MbrDisk = 4,

    /// <summary>Type and UUID or serial of what a volume holds: <c>ext:UUID</c>, <c>ntfs:0123456789ABCDEF</c>.</summary>
    FileSystem = 5,

    /// <summary>The unique GUID of a GPT partition entry.</summary>
    GptPartition = 6,

    /// <summary>An MBR disk's signature and the partition's first byte: <c>1234abcd@1048576</c>.</summary>
    MbrPartition = 7,

    /// <summary>World-wide name or serial number of a device that holds nothing that names it.</summary>
    DeviceSerial = 8,

    /// <summary>A file's place on its file system: file system id, inode and time of birth.</summary>
    FileNode = 9,

    /// <summary>A digest of machine and full path of a file.</summary>
    FilePath = 10,
}
