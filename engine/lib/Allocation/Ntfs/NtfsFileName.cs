using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Tidemark.Engine.Allocation.Ntfs;

/// <summary>The attribute $FILE_NAME, which is the key of a folder's index too (Linux-NTFS project's layout.h, FILE_NAME_ATTR).</summary>
internal readonly ref struct NtfsFileName
{
    private const int HeaderSize = 66;
    private const uint FolderFlag = 0x1000_0000;

    private readonly ReadOnlySpan<byte> bytes;

    private NtfsFileName(ReadOnlySpan<byte> bytes) => this.bytes = bytes;

    public FileReference Folder => new(BinaryPrimitives.ReadUInt64LittleEndian(bytes));

    /// <summary>As it was when the name was last written; a file never becomes a folder.</summary>
    public bool IsFolder => (BinaryPrimitives.ReadUInt32LittleEndian(bytes[56..]) & FolderFlag) != 0;

    public NtfsNameSpace Space => (NtfsNameSpace)bytes[65];

    public ReadOnlySpan<char> Name => MemoryMarshal.Cast<byte, char>(bytes.Slice(HeaderSize, bytes[64] * 2));

    public static bool TryRead(ReadOnlySpan<byte> bytes, out NtfsFileName name)
    {
        var fits = bytes.Length >= HeaderSize && bytes[64] > 0 && bytes.Length >= HeaderSize + (bytes[64] * 2);
        name = fits ? new NtfsFileName(bytes) : default;
        return fits;
    }
}
