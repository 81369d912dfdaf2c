using System.Buffers.Binary;
using System.Text;

namespace Tidemark.Engine.Files;

/// <summary>
/// The entry sets of an exFAT folder (Microsoft's exFAT file system specification, 7.4, 7.6, 7.7): what each time of a file
/// is off from UTC, which readers leave out.
/// </summary>
internal static class ExfatFolder
{
    private const int EntrySize = 32;
    private const byte FileEntry = 0x85;
    private const byte StreamExtension = 0xC0;
    private const byte FileName = 0xC1;

    /// <summary>UTF-16 units in an entry of a name.</summary>
    private const int NameUnits = 15;

    /// <summary>Set in an offset that is known (7.4.10.2).</summary>
    private const byte OffsetValid = 0x80;

    /// <summary>Seconds that each file's times lie ahead of UTC: of its last change, and of the last access.</summary>
    /// <param name="folder">The folder's content.</param>
    public static Dictionary<string, (int Modified, int Accessed)> Offsets(ReadOnlySpan<byte> folder)
    {
        var offsets = new Dictionary<string, (int, int)>(StringComparer.Ordinal);
        while (folder.Length >= EntrySize && folder[0] != 0)
        {
            var entries = folder[0] == FileEntry ? folder[1] + 1 : 1;
            if (entries >= 3 && folder.Length >= entries * EntrySize && folder[EntrySize] == StreamExtension)
            {
                var name = new StringBuilder();
                for (var i = 2; i < entries && folder[i * EntrySize] == FileName; i++)
                {
                    name.Append(Encoding.Unicode.GetString(folder.Slice((i * EntrySize) + 2, NameUnits * 2)));
                }

                name.Length = Math.Min(name.Length, folder[EntrySize + 3]);
                offsets[name.ToString()] = (Seconds(folder[23]), Seconds(folder[24]));
            }
            else
            {
                entries = 1;
            }

            folder = folder[(entries * EntrySize)..];
        }

        return offsets;
    }

    // Seven bits with a sign, in quarters of an hour.
    private static int Seconds(byte offset) => (offset & OffsetValid) == 0 ? 0 : ((sbyte)(offset << 1) >> 1) * 15 * 60;
}
