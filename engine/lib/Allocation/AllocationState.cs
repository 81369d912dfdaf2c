namespace Tidemark.Engine.Allocation;

/// <summary>What a file system's own records say of a range.</summary>
internal enum AllocationState : byte
{
    /// <summary>Somebody can reach it, or nobody knows: it is read.</summary>
    Used,

    /// <summary>No reader of the volume, after whatever recovery it runs, can reach it: it may hold anything.</summary>
    Free,

    /// <summary>Content that is left out on purpose (page files, swap, excluded files): somebody can reach it, and finds zeros.</summary>
    Excluded,
}
