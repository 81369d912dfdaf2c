namespace Tidemark.Engine.Devices;

/// <summary>A run of a volume on a disk of Windows, in bytes.</summary>
internal readonly record struct DriveExtent(int DiskNumber, long Offset, long Length)
{
    public bool Overlaps(DriveExtent other) =>
        DiskNumber == other.DiskNumber && Offset < other.Offset + other.Length && other.Offset < Offset + Length;
}
