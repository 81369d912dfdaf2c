namespace Tidemark.Engine.Devices.VirtualDisks.Vhd;

/// <summary>
/// Looks for everything that is wrong with a VHD by the specification, beyond what opening it needs, and says it in
/// sentences. Nothing is repaired. A parent isn't looked at.
/// </summary>
internal sealed class VhdChecker
{
    /// <summary>Findings told at most: a table full of rubbish says the same thing many times.</summary>
    public const int MaxFindings = 100;

    /// <summary>
    /// Blocks whose places are compared at most: twice what the largest disk of the specification has with the
    /// smallest common blocks (2040 GiB of 512 KiB), in 64 MiB of memory.
    /// </summary>
    private const long MaxComparedBlocks = 8 << 20;

    private readonly BlockDevice file;
    private readonly List<string> findings = [];

    private VhdChecker(BlockDevice file) => this.file = file;

    /// <summary>The findings, empty for a sound file.</summary>
    /// <exception cref="DeviceIoException">The file can't be read.</exception>
    public static IReadOnlyList<string> Check(BlockDevice file)
    {
        var checker = new VhdChecker(file);
        if (checker.CheckFooter() is { } footer)
        {
            checker.CheckSize(footer);
            if (footer.Type == VhdDiskType.Fixed)
            {
                checker.CheckFixed(footer);
            }
            else
            {
                checker.CheckDynamic(footer);
            }
        }

        return checker.findings;
    }

    private VhdFooter? CheckFooter()
    {
        if (file.Length < VhdFooter.Size)
        {
            Add("The file is shorter than a footer.");
            return null;
        }

        Span<byte> end = stackalloc byte[VhdFooter.Size];
        Span<byte> start = stackalloc byte[VhdFooter.Size];
        file.ReadAt(file.Length - VhdFooter.Size, end);
        file.ReadAt(0, start);
        if (VhdFooter.HasCookie(end[1..]))
        {
            Add("The footer has 511 bytes, as Virtual PC wrote it before 2004.");
            end[1..].CopyTo(end);
            end[^1] = 0;
        }

        var footer = VhdFooter.Read(end, out var problem);
        if (footer is null)
        {
            Add($"At the end of the file, {problem}.");
        }

        if (footer is { Type: VhdDiskType.Fixed })
        {
            return footer;
        }

        var copy = VhdFooter.Read(start, out problem);
        if (copy is null)
        {
            Add($"At the start of the file, {problem}.");
        }
        else if (footer is not null && !start.SequenceEqual(end))
        {
            Add("The footer and its copy at the start of the file differ.");
        }

        return footer ?? copy;
    }

    private void CheckSize(VhdFooter footer)
    {
        if ((footer.Features & VhdFooter.ReservedFeature) == 0)
        {
            Add("The features lack the bit that is always set.");
        }

        if (footer.CurrentSize is 0 or > (ulong)VhdFooter.MaxDiskSize || footer.CurrentSize % VhdFooter.SectorSize != 0)
        {
            Add($"The current size of {footer.CurrentSize} bytes is not possible.");
            return;
        }

        var expected = VhdGeometry.Of((long)footer.CurrentSize);
        if (footer.Geometry != expected)
        {
            Add($"The geometry {Describe(footer.Geometry)} doesn't fit the current size of {footer.CurrentSize} bytes, "
                + $"which has {Describe(expected)}.");
        }

        if (footer.SavedState)
        {
            Add("The disk belongs to a suspended machine, whose memory may hold newer data.");
        }
    }

    private void CheckFixed(VhdFooter footer)
    {
        if (footer.DataOffset != VhdFooter.NoDataOffset)
        {
            Add($"A fixed disk has no data offset, and this one says {footer.DataOffset}.");
        }

        if (footer.CurrentSize != (ulong)(file.Length - VhdFooter.Size))
        {
            Add($"The file has {file.Length - VhdFooter.Size} bytes before its footer, and the disk "
                + $"{footer.CurrentSize}.");
        }
    }

    private void CheckDynamic(VhdFooter footer)
    {
        if (VhdFile.ReadHeader(file, footer, out var problem) is not { } header)
        {
            Add($"The disk can't be read: {problem}.");
            return;
        }

        for (var i = 0; i < header.ParentLocators.Count; i++)
        {
            var locator = header.ParentLocators[i];
            if (locator.PlatformCode != 0
                && (locator.DataOffset > (ulong)file.Length || locator.DataLength > (ulong)file.Length - locator.DataOffset))
            {
                Add($"Parent locator {i} points outside the file.");
            }
        }

        if (footer.Type == VhdDiskType.Differencing && !KnownId.IsId(header.ParentUniqueId))
        {
            Add("The disk is differencing and names no parent.");
        }

        var size = VhdFile.SizeOf(file, footer, header).Bytes;
        if (!VhdSize.IsPossible(size))
        {
            return;
        }

        problem = VhdFile.TableProblem(file, header, (long)size);
        if (problem.Length > 0)
        {
            Add($"The disk can't be read: {problem}.");
            return;
        }

        CheckBlocks(footer, header, (long)size);
    }

    /// <summary>Every block lies in the file, behind what stands at its start, and shares its place with no other.</summary>
    private void CheckBlocks(VhdFooter footer, VhdDynamicHeader header, long size)
    {
        var count = (size + header.BlockSize - 1) / header.BlockSize;
        if (count > MaxComparedBlocks)
        {
            Add($"The disk has {count} blocks; at most {MaxComparedBlocks} are looked at.");
            count = MaxComparedBlocks;
        }

        var table = new VhdBlockTable(file, (long)header.TableOffset, count);
        var length = VhdBlockTable.BitmapSize(header.BlockSize) + header.BlockSize;
        var tableEnd = (long)header.TableOffset + (count * VhdBlockTable.EntrySize);
        var places = new List<long>();
        for (long block = 0; block < count && findings.Count < MaxFindings; block++)
        {
            var start = table.BitmapOffset(block);
            if (start < 0)
            {
                continue;
            }

            if (start + length > file.Length)
            {
                Add($"Block {block} at offset {start} leaves the file.");
            }
            else if (Overlaps(start, length, 0, VhdFooter.Size)
                || Overlaps(start, length, (long)footer.DataOffset, (long)footer.DataOffset + VhdDynamicHeader.Size)
                || Overlaps(start, length, (long)header.TableOffset, tableEnd))
            {
                Add($"Block {block} at offset {start} lies over a structure of the file.");
            }
            else if (start + length > file.Length - VhdFooter.OldSize)
            {
                Add($"Block {block} at offset {start} lies over the footer.");
            }

            places.Add(start);
        }

        places.Sort();
        for (var i = 1; i < places.Count; i++)
        {
            if (places[i] - places[i - 1] < length)
            {
                Add($"Two blocks share the file from offset {places[i]} on.");
            }
        }
    }

    private static bool Overlaps(long start, long length, long otherStart, long otherEnd) =>
        start < otherEnd && otherStart < start + length;

    private static string Describe(VhdGeometry geometry) =>
        $"{geometry.Cylinders}/{geometry.Heads}/{geometry.SectorsPerTrack}";

    private void Add(string finding)
    {
        if (findings.Count < MaxFindings)
        {
            findings.Add(finding);
        }
    }
}
