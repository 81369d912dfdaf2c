namespace Tidemark.Engine.Allocation.Lvm;

/// <summary>The bytes of a logical volume that lies whole on one physical volume.</summary>
internal sealed class LvmVolumeSource(AllocationSource physical, LvmVolume volume) : AllocationSource
{
    public override long Length => volume.Length;

    public override int SectorSize => physical.SectorSize;

    protected override void ReadInside(long offset, Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var (place, count) = PlaceOf(offset);
            var piece = buffer[..(int)Math.Min(count, buffer.Length)];
            physical.Read(place, piece);
            buffer = buffer[piece.Length..];
            offset += piece.Length;
        }
    }

    private (long Place, long Count) PlaceOf(long offset)
    {
        foreach (var run in volume.Runs)
        {
            if (run.ToPhysical(offset) is { } place)
            {
                return place;
            }
        }

        throw new AllocationException($"its logical volume {volume.Name} has a gap");
    }
}
