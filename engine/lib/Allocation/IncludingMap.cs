namespace Tidemark.Engine.Allocation;

/// <summary>A map of which nothing is left out: what another one calls excluded is used.</summary>
/// <param name="map">Becomes this one's.</param>
internal sealed class IncludingMap(AllocationMap map) : AllocationMap
{
    public override string FileSystem => map.FileSystem;

    public override long Length => map.Length;

    public override long UsedBytes => map.UsedBytes + map.ExcludedBytes;

    protected override AllocationExtent Find(long offset)
    {
        var extent = map.ExtentAt(offset);
        return extent.State == AllocationState.Excluded ? extent with { State = AllocationState.Used } : extent;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            map.Dispose();
        }

        base.Dispose(disposing);
    }
}
