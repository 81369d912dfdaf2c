using Tidemark.Engine.Allocation;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Inputs;

/// <summary>A sparse device as the volume of a map, with the checksums of what is read made right on the way.</summary>
internal sealed class MapSource(SparseDevice device, MapSource.Sealing seal) : AllocationSource
{
    /// <summary>Extents that a small input can describe: more are a walk that doesn't end.</summary>
    private const int MaxExtents = 1 << 20;

    /// <summary>Makes the checksum of a structure right, if it is one.</summary>
    internal delegate void Sealing(Span<byte> structure);

    public override long Length => device.Length;

    public override int SectorSize => 512;

    /// <summary>Opens a map and reads it to its end. It keeps its promises, or isn't believed.</summary>
    public static void Walk(Func<AllocationMap?> open)
    {
        try
        {
            using var map = open();
            if (map is not null)
            {
                Check(map);
            }
        }
        catch (AllocationException e)
        {
            FindException.Unless(e.Message.Length > 0, "A map is refused without a reason.");
        }
    }

    protected override void ReadInside(long offset, Span<byte> buffer)
    {
        device.ReadAt(offset, buffer);
        seal(buffer);
    }

    private static void Check(AllocationMap map)
    {
        long used = 0;
        var extents = 0;
        for (long at = 0; at < map.Length; extents++)
        {
            var extent = map.ExtentAt(at);
            FindException.Unless(
                extent.Offset == at && extent.Length > 0 && extent.Length <= map.Length - at, $"At {at} of {map.Length} there is {extent}.");
            FindException.Unless(extents < MaxExtents, "A map has no end.");
            used += extent.State == AllocationState.Used ? extent.Length : 0;
            at = extent.End;
        }

        FindException.Unless(used == map.UsedBytes, $"{map.UsedBytes} bytes are used by the sum, {used} by the extents.");
    }
}
