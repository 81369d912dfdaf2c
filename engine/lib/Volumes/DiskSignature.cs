namespace Tidemark.Engine.Volumes;

/// <summary>A record by which systems and tools take a disk or volume for something, and where it lies.</summary>
/// <param name="Name">What people call it: "BitLocker volume", "md 1.0 superblock".</param>
/// <param name="Offset">Its first byte.</param>
/// <param name="Length">Bytes of it that have to be zeros for nobody to find it.</param>
/// <param name="IsCopy">Whether it is a copy of what stands elsewhere, and tells more only where that is gone.</param>
internal readonly record struct DiskSignature(string Name, long Offset, long Length, bool IsCopy = false)
{
    public override string ToString() => Offset == 0 ? Name : $"{Name} at byte {Offset}";
}
