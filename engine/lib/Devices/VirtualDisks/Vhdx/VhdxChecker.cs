namespace Tidemark.Engine.Devices.VirtualDisks.Vhdx;

/// <summary>
/// Looks for everything that is wrong with a VHDX by [MS-VHDX], beyond what opening it needs, and says it in
/// sentences. Nothing is repaired. A parent isn't looked at.
/// </summary>
internal sealed class VhdxChecker
{
    /// <summary>Findings told at most: a table full of rubbish says the same thing many times.</summary>
    public const int MaxFindings = 100;

    /// <summary>Blocks whose places are compared at most: 8 TiB of 1 MiB blocks, in 128 MiB of memory.</summary>
    private const long MaxComparedBlocks = 8 << 20;

    private const long BitmapBlockSize = 1 << 20;

    private readonly BlockDevice file;
    private readonly List<string> findings = [];

    /// <summary>Parts of the file with a use, to be compared: where each begins and ends.</summary>
    private readonly List<(long Start, long End)> places = [(0, VhdxDisk.Alignment)];

    private VhdxChecker(BlockDevice file) => this.file = file;

    /// <summary>The findings, empty for a sound file.</summary>
    /// <exception cref="DeviceIoException">The file can't be read.</exception>
    public static IReadOnlyList<string> Check(BlockDevice file)
    {
        var checker = new VhdxChecker(file);
        checker.CheckFile();
        return checker.findings;
    }

    private void CheckFile()
    {
        if (file.Length < VhdxDisk.Alignment || !VhdxDisk.IsVhdx(file))
        {
            Add("The file is too short for a VHDX or doesn't begin as one.");
            return;
        }

        if (file.Length % VhdxDisk.Alignment != 0)
        {
            Add($"The file's length of {file.Length} bytes is not whole MiB.");
        }

        CheckHeaders();
        CheckRegionTables();
        try
        {
            CheckBlocks(VhdxOpening.Open(file));
        }
        catch (TidemarkException e) when (e is not DeviceIoException)
        {
            Add(e.Message);
        }
    }

    private void CheckHeaders()
    {
        var buffer = new byte[VhdxHeader.Size];
        VhdxHeader? current = null;
        foreach (var offset in (ReadOnlySpan<long>)[VhdxHeader.FirstOffset, VhdxHeader.SecondOffset])
        {
            file.ReadAt(offset, buffer);
            if (VhdxHeader.Read(buffer, out var problem) is not { } header)
            {
                Add($"The header at offset {offset} can't be used: {problem}.");
            }
            else if (current is null || header.SequenceNumber > current.SequenceNumber)
            {
                current = header;
            }
        }

        if (current is { LogGuid: var log } && log != Guid.Empty)
        {
            Add("The file was not closed: its log has to be replayed, which readers do in memory.");
        }

        if (current is { LogLength: > 0 } && current.LogOffset <= (ulong)file.Length)
        {
            places.Add(((long)current.LogOffset, (long)current.LogOffset + current.LogLength));
        }
    }

    private void CheckRegionTables()
    {
        var buffers = new byte[2][];
        for (var i = 0; i < buffers.Length; i++)
        {
            var offset = i == 0 ? VhdxRegionTable.FirstOffset : VhdxRegionTable.SecondOffset;
            buffers[i] = new byte[VhdxRegionTable.Size];
            file.ReadAt(offset, buffers[i]);
            if (VhdxRegionTable.Read(buffers[i], out var problem) is not { } table)
            {
                Add($"The region table at offset {offset} can't be used: {problem}.");
                continue;
            }

            if (places.Count <= 2)
            {
                foreach (var region in table.Entries.Where(r => r.Offset <= (ulong)file.Length))
                {
                    places.Add(((long)region.Offset, (long)region.End));
                }
            }
        }

        if (!buffers[0].AsSpan().SequenceEqual(buffers[1]))
        {
            Add("The two region tables differ.");
        }
    }

    private void CheckBlocks(VhdxDisk disk)
    {
        var table = disk.Table;
        var blockSize = (long)disk.Metadata.Parameters.BlockSize;
        var count = Math.Min(table.BlockCount, MaxComparedBlocks);
        if (count < table.BlockCount)
        {
            Add($"The disk has {table.BlockCount} blocks; the first {count} are looked at.");
        }

        for (long block = 0; block < count && findings.Count < MaxFindings; block++)
        {
            var entry = table.Payload(block);
            switch (entry.State)
            {
                case VhdxBlockState.FullyPresent:
                    break;
                case VhdxBlockState.PartiallyPresent when disk.Metadata.Parameters.HasParent:
                    if (table.Bitmap(block / table.ChunkRatio).State != VhdxBlockState.FullyPresent)
                    {
                        Add($"Block {block} is there in part, and the bitmap that says which is not.");
                    }

                    break;
                case VhdxBlockState.NotPresent or VhdxBlockState.Undefined or VhdxBlockState.Zero
                    or VhdxBlockState.Unmapped or VhdxBlockState.UnmappedInDrafts:
                    continue;
                default:
                    Add($"Block {block} has the impossible state {(int)entry.State}.");
                    continue;
            }

            Place(disk, $"Block {block}", entry, Math.Min(blockSize, disk.Length - (block * blockSize)));
        }

        if (disk.Metadata.Parameters.HasParent)
        {
            for (long chunk = 0; chunk * table.ChunkRatio < count; chunk++)
            {
                if (table.Bitmap(chunk) is { State: VhdxBlockState.FullyPresent } entry)
                {
                    Place(disk, $"The bitmap of chunk {chunk}", entry, BitmapBlockSize);
                }
            }
        }

        places.Sort();
        for (var i = 1; i < places.Count; i++)
        {
            if (places[i].Start < places[i - 1].End)
            {
                Add($"Two parts of the disk share the file from offset {places[i].Start} on.");
            }
        }
    }

    private void Place(VhdxDisk disk, string what, VhdxBatEntry entry, long length)
    {
        if (entry.FileOffset < VhdxDisk.Alignment || entry.FileOffset > (ulong)(disk.FileLength - length))
        {
            Add($"{what} at offset {entry.FileOffset} leaves the file.");
            return;
        }

        places.Add(((long)entry.FileOffset, (long)entry.FileOffset + length));
    }

    private void Add(string finding)
    {
        if (findings.Count < MaxFindings)
        {
            findings.Add(finding);
        }
    }
}
