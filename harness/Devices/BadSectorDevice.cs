using Tidemark.Engine.Devices;

namespace Tidemark.Harness.Devices;

/// <summary>A disk of which some sectors can't be read until they are written, as is the way of disks with spare sectors.</summary>
/// <param name="inner">What is read and written; it is disposed with this.</param>
/// <param name="heals">Whether writing makes a sector readable.</param>
internal sealed class BadSectorDevice(MemoryDevice inner, bool heals) : BlockDevice
{
    private const int Sector = DeviceGeometry.DefaultSectorSize;

    private readonly Lock gate = new();
    private readonly HashSet<long> bad = [];

    public override string Name => inner.Name;

    public override DeviceGeometry Geometry => inner.Geometry;

    public override bool CanWrite => true;

    /// <summary>Makes the sectors of a range bad.</summary>
    public void Break(long offset, long length)
    {
        for (var sector = offset / Sector; sector * Sector < offset + length; sector++)
        {
            bad.Add(sector);
        }
    }

    public override void ReadAt(long offset, Span<byte> buffer)
    {
        lock (gate)
        {
            for (var sector = offset / Sector; sector * Sector < offset + buffer.Length; sector++)
            {
                if (bad.Contains(sector))
                {
                    throw new DeviceIoException(Name, offset, buffer.Length, "Reading", MemoryDevice.FailureError, "a sector is bad");
                }
            }
        }

        inner.ReadAt(offset, buffer);
    }

    public override void WriteAt(long offset, ReadOnlySpan<byte> buffer)
    {
        inner.WriteAt(offset, buffer);
        Heal(offset, buffer.Length);
    }

    public override void WriteZeros(long offset, long length)
    {
        inner.WriteZeros(offset, length);
        Heal(offset, length);
    }

    public override void Flush() => inner.Flush();

    protected override void Dispose(bool disposing)
    {
        inner.Dispose();
        base.Dispose(disposing);
    }

    private void Heal(long offset, long length)
    {
        lock (gate)
        {
            // Only whole sectors are written anew.
            bad.RemoveWhere(sector => heals && sector * Sector >= offset && (sector + 1) * Sector <= offset + length);
        }
    }
}
