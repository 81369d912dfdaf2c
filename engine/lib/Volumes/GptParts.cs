namespace Tidemark.Engine.Volumes;

/// <summary>A GPT as it stands on a disk: one of its two headers and the entry array, both with good checksums.</summary>
/// <param name="Entries">All entries, <see cref="GptHeader.TableSize"/> bytes.</param>
/// <param name="SectorSize">The sector in which addresses count, in bytes.</param>
internal sealed record GptParts(GptHeader Header, byte[] Entries, int SectorSize)
{
    /// <summary>The entries that are used and make sense, with their place in the array, from 0.</summary>
    public IEnumerable<(int Index, GptEntry Entry)> Used()
    {
        var maxLba = long.MaxValue / SectorSize;
        for (var i = 0; i < Header.EntryCount; i++)
        {
            if (GptEntry.TryRead(EntryAt(Entries, i)) is { } entry && entry.LastLba < maxLba)
            {
                yield return (i, entry);
            }
        }
    }

    /// <summary>The entries that have a type and mean no range of sectors.</summary>
    public IEnumerable<OddEntry> Odd()
    {
        var used = Used().Select(entry => entry.Index).ToHashSet();
        for (var i = 0; i < Header.EntryCount; i++)
        {
            if (!used.Contains(i) && GptEntry.RangeOf(EntryAt(Entries, i)) is var (first, last))
            {
                yield return new OddEntry(i + 1, $"reaches from sector {(ulong)first} to {(ulong)last}, which no partition does");
            }
        }
    }

    /// <summary>An entry of an array like the table's.</summary>
    public Span<byte> EntryAt(byte[] entries, int index) => entries.AsSpan(index * Header.EntrySize, Header.EntrySize);
}
