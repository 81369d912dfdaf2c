using System.Buffers.Binary;
using Tidemark.Engine.Io;

namespace Tidemark.Engine.Files;

/// <summary>
/// The entries of a folder of ext2, ext3 or ext4 (kernel.org, "ext4 Data Structures and Algorithms", Directory Entries),
/// whose names are bytes: readers show some of them as others.
/// </summary>
internal static class ExtFolder
{
    private const int HeaderSize = 8;

    /// <summary>The names by inode; the blocks of a tree of hashes look like unused entries.</summary>
    /// <param name="folder">The folder's content.</param>
    public static ILookup<string, string> Names(byte[] folder)
    {
        var names = new List<(uint Inode, string Name)>();
        for (var at = 0; at + HeaderSize <= folder.Length;)
        {
            var inode = BinaryPrimitives.ReadUInt32LittleEndian(folder.AsSpan(at));
            var length = BinaryPrimitives.ReadUInt16LittleEndian(folder.AsSpan(at + 4));
            var name = folder[at + 6];
            if (length < HeaderSize || (length & 3) != 0 || at + length > folder.Length)
            {
                break;
            }

            if (inode != 0 && name > 0 && HeaderSize + name <= length)
            {
                names.Add((inode, RawName.Decode(folder.AsSpan(at + HeaderSize, name))));
            }

            at += length;
        }

        return names.ToLookup(item => item.Inode.ToString(System.Globalization.CultureInfo.InvariantCulture), item => item.Name);
    }
}
