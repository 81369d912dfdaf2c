namespace Tidemark.Engine.Devices.VirtualDisks.Vhd;

/// <summary>The kinds of VHD (specification 1.0, "Hard Disk Footer Format", Disk Type).</summary>
internal enum VhdDiskType : uint
{
    Fixed = 2,
    Dynamic = 3,
    Differencing = 4,
}
