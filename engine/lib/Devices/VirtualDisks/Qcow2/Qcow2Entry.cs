namespace Tidemark.Engine.Devices.VirtualDisks.Qcow2;

/// <summary>Entries of the tables of a qcow2 file (docs/interop/qcow2.txt, "Cluster mapping").</summary>
internal static class Qcow2Entry
{
    /// <summary>Bytes of an entry of an L1, L2 or reference count table.</summary>
    public const int Size = sizeof(ulong);

    /// <summary>The reference count of what the entry points to is exactly one.</summary>
    private const ulong Copied = 1UL << 63;

    /// <summary>An L2 entry whose cluster reads as zeros, whatever a backing file holds.</summary>
    public const ulong Zero = 1;

    /// <summary>The entry of a table or cluster at a file offset, to which nothing else points.</summary>
    public static ulong Of(long offset) => Copied | (ulong)offset;
}
