using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Allocation.Disks;

/// <summary>
/// A half of a Linux software mirror: the array's data, all of which each half has, by the map of what it holds. Superblock, bitmap and
/// all else outside of the data are used.
/// </summary>
internal sealed class MirrorMap : AllocationMap
{
    private readonly MdMember member;
    private readonly AllocationMap map;

    private MirrorMap(AllocationSource volume, MdMember member, AllocationMap map)
    {
        (this.member, this.map) = (member, map);
        Length = volume.Length;
        UsedBytes = Length - map.Length + map.UsedBytes;
    }

    public override string FileSystem => map.FileSystem;

    public override long Length { get; }

    public override long UsedBytes { get; }

    public override long ExcludedBytes => map.ExcludedBytes;

    /// <summary>Opens the map of a half; null where the array holds nothing that is known.</summary>
    /// <param name="volume">The member.</param>
    /// <param name="view">The same for who looks at devices.</param>
    /// <param name="depth">How many others this volume lies in.</param>
    /// <exception cref="AllocationException">It isn't a mirror at rest, or what it holds isn't to be believed.</exception>
    public static MirrorMap? TryOpen(AllocationSource volume, VolumeView view, int depth)
    {
        var found = MdSuperblock.Locate(view).Count();
        if (found != 1 || MdMember.TryRead(view) is not { } member)
        {
            throw new AllocationException(found > 1 ? "it has superblocks of two software arrays" : "its array's superblock can't be read");
        }

        if (!member.IsCopy)
        {
            throw new AllocationException("it is a member of a software array that isn't a mirror at rest");
        }

        return VolumeLayers.TryOpen(new RangeSource(volume, member.Offset, member.Length), depth + 1) is { } map
            ? new MirrorMap(volume, member, map)
            : null;
    }

    protected override AllocationExtent Find(long offset)
    {
        var within = offset - member.Offset;
        if (within < 0)
        {
            return new AllocationExtent(offset, -within, AllocationState.Used);
        }

        return within < map.Length
            ? map.ExtentAt(within) with { Offset = offset }
            : new AllocationExtent(offset, Length - offset, AllocationState.Used);
    }

    protected override void Dispose(bool disposing)
    {
        map.Dispose();
        base.Dispose(disposing);
    }
}
