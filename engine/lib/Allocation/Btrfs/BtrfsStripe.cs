namespace Tidemark.Engine.Allocation.Btrfs;

/// <summary>A chunk's place on this device.</summary>
/// <param name="Offset">Where it begins, in bytes of the device.</param>
/// <param name="Column">Which of the devices between which the chunk alternates this one is, from 0 on.</param>
internal readonly record struct BtrfsStripe(long Offset, int Column);
