using System.Buffers.Binary;

namespace Tidemark.Engine.Allocation.Exfat;

/// <summary>
/// What only the root folder has (Microsoft's exFAT file system specification, sections 7.1 and 7.2): the bitmaps and the up-case table.
/// </summary>
internal sealed class ExfatRoot
{
    private const int EntrySize = 32;
    private const byte BitmapEntry = 0x81;
    private const byte UpcaseEntry = 0x82;

    /// <summary>Bytes of a folder at most (section 7.4's limit of 256 MiB).</summary>
    private const long MostBytes = 256 << 20;

    private readonly (uint First, long Length)?[] bitmaps = new (uint, long)?[2];
    private (uint First, long Length)? upcase;

    /// <exception cref="AllocationException">Something is missing, or there twice.</exception>
    public ExfatRoot(ExfatVolume volume)
    {
        Content = volume.OpenWholeChain(volume.RootCluster, MostBytes);
        ReadEntries(volume.ClusterSize);
        if (upcase is null || bitmaps[0] is null || bitmaps[1].HasValue != (volume.Tables == 2))
        {
            throw new AllocationException("its root folder lacks a bitmap or the up-case table");
        }
    }

    public ExfatContent Content { get; }

    public IEnumerable<(uint First, long Length)> Bitmaps => bitmaps.OfType<(uint, long)>();

    public (uint First, long Length) Upcase => upcase!.Value;

    private void ReadEntries(int clusterSize)
    {
        var bytes = new byte[clusterSize];
        for (long at = 0; at < Content.Length; at += clusterSize)
        {
            Content.Read(at, bytes);
            for (ReadOnlySpan<byte> entry = bytes; entry.Length > 0; entry = entry[EntrySize..])
            {
                if (entry[0] == 0)
                {
                    return;
                }

                var place = (BinaryPrimitives.ReadUInt32LittleEndian(entry[20..]), BinaryPrimitives.ReadInt64LittleEndian(entry[24..]));
                if (entry[0] == BitmapEntry)
                {
                    Take(ref bitmaps[entry[1] & 1], place);
                }
                else if (entry[0] == UpcaseEntry)
                {
                    Take(ref upcase, place);
                }
            }
        }
    }

    private static void Take(ref (uint First, long Length)? kept, (uint First, long Length) place)
    {
        if (kept is not null || place.Length <= 0)
        {
            throw new AllocationException("its root folder has a bitmap or an up-case table twice, or an empty one");
        }

        kept = place;
    }
}
