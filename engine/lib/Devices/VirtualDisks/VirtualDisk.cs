using System.Diagnostics;
using Tidemark.Engine.Devices.VirtualDisks.Vhd;
using Tidemark.Engine.Devices.VirtualDisks.Vhdx;
using Tidemark.Engine.Io;

namespace Tidemark.Engine.Devices.VirtualDisks;

/// <summary>
/// A disk inside a file, open for reading. The file below is never written. Structures are checked when the disk is
/// opened; a table entry that leaves the file is found when its block is read, and is a
/// <see cref="DeviceIoException"/> of that block, so that a backup saves the others.
/// </summary>
internal abstract class VirtualDisk(BlockDevice file) : BlockDevice
{
    /// <summary>
    /// Runs that one <see cref="ExtentAt"/> merges at most: with blocks of 2 MiB an answer covers 2 GiB, and it takes
    /// microseconds.
    /// </summary>
    private const int MaxMergedRuns = 1024;

    /// <summary>EIO, what a read answers where the file's own tables are wrong.</summary>
    protected const int DamagedBlockError = 5;

    public override string Name => File.Name;

    /// <summary>What people call it: "VHD, dynamic".</summary>
    public abstract string FormatName { get; }

    /// <summary>
    /// What stays the same for the disk however many differencing files are put on top: the unique id of the base of
    /// a VHD's chain, the virtual disk id of a VHDX.
    /// </summary>
    public abstract Guid UniqueId { get; }

    /// <summary>What a differencing child names as its parent: unique id of a VHD's own file, data write GUID of a VHDX.</summary>
    public abstract Guid ContentId { get; }

    /// <summary>The <see cref="ContentId"/> that a differencing disk wants of its parent; null for others.</summary>
    public virtual Guid? ParentContentId => null;

    /// <summary>Whether it is a differencing disk, linked or not.</summary>
    public virtual bool HasParent => false;

    /// <summary>The names of its parent that a differencing disk stores, best first.</summary>
    public virtual IReadOnlyList<string> ParentNames => [];

    /// <summary>What is odd about this file and its parents without keeping it from being read, for people.</summary>
    public IEnumerable<string> Notes => OwnNotes.Concat(Parent?.Notes ?? []);

    /// <summary>When the file says that it was made or changed; null where it doesn't say.</summary>
    public virtual DateTimeOffset? TimeStamp => null;

    /// <summary>The disk that supplies what this file doesn't hold; null unless differencing and linked.</summary>
    public VirtualDisk? Parent { get; private set; }

    /// <summary>The file with the disk in it, owned by this disk.</summary>
    protected BlockDevice File { get; } = file;

    /// <summary>Which file that is on this machine; null for what isn't one.</summary>
    internal FileIdentity? FileIdentity => (File as RawDevice)?.Identity;

    /// <summary>What is odd about this file alone.</summary>
    protected virtual IEnumerable<string> OwnNotes => [];

    /// <summary>The unit of allocation in bytes: how far a damaged table entry reaches.</summary>
    protected abstract long BlockSize { get; }

    /// <summary>
    /// Opens <paramref name="file"/> as a virtual disk if its content says that it is one, and else answers false.
    /// The disk owns the file and the parents from then on; after false or an exception the caller still owns it.
    /// </summary>
    /// <exception cref="TidemarkException">
    /// The file is a virtual disk, but damaged, of an unknown kind, or its parent is missing or another disk.
    /// </exception>
    public static bool TryOpen(BlockDevice file, ParentOpener openParent, out VirtualDisk? disk) =>
        TryOpen(file, new ParentSource(openParent), out disk);

    /// <summary>The same with all that is known of where parents may be.</summary>
    public static bool TryOpen(BlockDevice file, ParentSource parents, out VirtualDisk? disk)
    {
        disk = Parse(file);
        disk?.Link(parents, 1);
        return disk is not null;
    }

    public sealed override void ReadAt(long offset, Span<byte> buffer)
    {
        Debug.Assert(offset >= 0 && offset + buffer.Length <= Length);
        var ahead = default(MappedExtent);
        while (!buffer.IsEmpty)
        {
            var run = NextRun(offset, buffer.Length, ref ahead);
            var part = buffer[..(int)run.Length];
            switch (run.Source)
            {
                case ExtentSource.File:
                    File.ReadAt(run.FileOffset, part);
                    break;
                case ExtentSource.Parent:
                    Parent!.ReadAt(offset, part);
                    break;
                default:
                    part.Clear();
                    break;
            }

            buffer = buffer[part.Length..];
            offset += part.Length;
        }
    }

    public sealed override void ReadAnew(long offset, Span<byte> buffer)
    {
        if (PlaceInFile(offset, buffer.Length) is >= 0 and var position)
        {
            File.ReadAnew(position, buffer);
        }
        else
        {
            ReadAt(offset, buffer);
        }
    }

    public sealed override string? WhyGone(int error) => File.WhyGone(error) ?? Parent?.WhyGone(error);

    public sealed override DeviceExtent ExtentAt(long offset)
    {
        Debug.Assert(offset >= 0 && offset < Length);
        var piece = PieceAt(offset, Length - offset);
        var end = piece.End;
        for (var i = 1; i < MaxMergedRuns && end < Length; i++)
        {
            var next = PieceAt(end, Length - end);
            if (next.Kind != piece.Kind)
            {
                break;
            }

            end = next.End;
        }

        return piece with { Length = end - offset };
    }

    public sealed override IoQueue OpenQueue(IoQueueOptions options) =>
        new VirtualDiskQueue(this, File.OpenQueue(options));

    /// <summary>The file offset where the whole range lies, or -1 if it isn't in one piece of this file.</summary>
    /// <exception cref="DeviceIoException">The table can't be read there, or makes no sense.</exception>
    internal long PlaceInFile(long offset, int length)
    {
        var ahead = default(MappedExtent);
        var run = NextRun(offset, length, ref ahead);
        return run.Source == ExtentSource.File && run.Length == length ? run.FileOffset : -1;
    }

    /// <summary>
    /// The disk in a file, its parent not yet opened, or null if it is none. A file that looks like both a VHDX and a
    /// fixed VHD (a disk may hold anything) is a VHDX if its length is whole MiB, as that of every VHDX is, and a VHD
    /// has its footer on top.
    /// </summary>
    internal static VirtualDisk? Parse(BlockDevice file)
    {
        if (VhdxDisk.IsVhdx(file))
        {
            var footer = file.Length % VhdxDisk.Alignment != 0 ? VhdFile.FindFooter(file) : null;
            return footer is { Type: VhdDiskType.Fixed } ? VhdFile.Open(file, footer) : VhdxDisk.Open(file);
        }

        return VhdFile.FindFooter(file) is { } found ? VhdFile.Open(file, found) : null;
    }

    /// <summary>
    /// Reads what a kind of file is recognised by. What can't be read is taken as zeros, which no kind is recognised by:
    /// a raw image with bad sectors at its start or end is a source like any other.
    /// </summary>
    internal static void ReadMark(BlockDevice file, long offset, Span<byte> mark)
    {
        try
        {
            file.ReadAt(offset, mark);
        }
        catch (DeviceIoException)
        {
            mark.Clear();
        }
    }

    /// <summary>Opens the parent of a differencing disk, and its parents; nothing for others.</summary>
    /// <param name="parents">Where it is looked for.</param>
    /// <param name="depth">Files of the chain so far, this one counted.</param>
    internal virtual void Link(ParentSource parents, int depth)
    {
    }

    /// <summary>Where the first bytes from <paramref name="offset"/> on are, at most <paramref name="limit"/>.</summary>
    /// <exception cref="DeviceIoException">The table can't be read there, or makes no sense.</exception>
    protected abstract MappedExtent Map(long offset, long limit);

    /// <summary>Links this disk to its parent; from then on it owns it.</summary>
    protected void Adopt(VirtualDisk parent)
    {
        Debug.Assert(Parent is null);
        Parent = parent;
    }

    /// <summary>What is said where neither a child's name for its parent nor the parent itself is an id.</summary>
    protected string ByNameAlone() =>
        $"{Name} knows its parent by no id (all of its digits are the same): {Parent?.Name} was taken by its name alone";

    protected DeviceIoException BadBlock(long offset, string reason) =>
        new(Name, offset, Math.Min(BlockSize, Length - offset), "Reading", DamagedBlockError, reason);

    protected override void Dispose(bool disposing)
    {
        Parent?.Dispose();
        File.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>
    /// The longest run from <paramref name="offset"/> on that one read can fill. <paramref name="ahead"/> keeps the
    /// run after it, which had to be looked up to see where this one ends.
    /// </summary>
    private MappedExtent NextRun(long offset, long limit, ref MappedExtent ahead)
    {
        var run = ahead.Length > 0 ? ahead : Lookup(offset, limit);
        ahead = default;
        while (run.Length < limit)
        {
            var next = Lookup(offset + run.Length, limit - run.Length);
            if (!run.IsContinuedBy(next))
            {
                ahead = next;
                break;
            }

            run = run with { Length = run.Length + next.Length };
        }

        return run;
    }

    /// <summary>The map's answer, checked against the file's end and the parent's.</summary>
    private MappedExtent Lookup(long offset, long limit)
    {
        var run = Map(offset, limit);
        Debug.Assert(run.Length > 0 && run.Length <= limit);
        if (run.Source == ExtentSource.Parent)
        {
            // A parent may be smaller: the child was resized.
            var held = Parent is null ? 0 : Parent.Length - offset;
            return held <= 0
                ? run with { Source = ExtentSource.Zero }
                : run with { Length = Math.Min(run.Length, held) };
        }

        if (run.Source == ExtentSource.File && run.FileOffset > File.Length - run.Length)
        {
            throw BadBlock(offset, "the file ends before the block that its table names; it was cut off or is damaged");
        }

        return run;
    }

    /// <summary>
    /// One run as an extent. It asks each disk of the chain once, and never merges, so that a deep chain stays cheap.
    /// </summary>
    private DeviceExtent PieceAt(long offset, long limit)
    {
        MappedExtent run;
        try
        {
            run = Lookup(offset, limit);
        }
        catch (DeviceIoException)
        {
            // The read will say what is wrong.
            return new DeviceExtent(offset, Math.Min(limit, BlockSize - (offset % BlockSize)), ExtentKind.Data);
        }

        switch (run.Source)
        {
            case ExtentSource.File:
                var stored = File.ExtentAt(run.FileOffset);
                return new DeviceExtent(offset, Math.Min(run.Length, stored.Length), stored.Kind);
            case ExtentSource.Parent:
                return Parent!.PieceAt(offset, run.Length);
            default:
                return new DeviceExtent(offset, run.Length, ExtentKind.Unallocated);
        }
    }
}
