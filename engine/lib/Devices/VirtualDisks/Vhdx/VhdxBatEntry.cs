namespace Tidemark.Engine.Devices.VirtualDisks.Vhdx;

/// <summary>States of a block ([MS-VHDX] 2.5.1.1 and 2.5.1.2). Sector bitmap blocks use the first and FullyPresent.</summary>
internal enum VhdxBlockState : byte
{
    NotPresent = 0,
    Undefined = 1,
    Zero = 2,
    Unmapped = 3,

    /// <summary>What drafts of the specification, and early tools, wrote for <see cref="Unmapped"/>.</summary>
    UnmappedInDrafts = 5,
    FullyPresent = 6,
    PartiallyPresent = 7,
}

/// <summary>An entry of the block allocation table ([MS-VHDX] 2.5.1): a state and a place in whole MiB.</summary>
internal readonly record struct VhdxBatEntry(ulong Value)
{
    /// <summary>Bytes of an entry.</summary>
    public const int Size = sizeof(ulong);

    private const ulong StateMask = 7;
    private const ulong OffsetMask = ~0xFFFFFul;

    public VhdxBatEntry(VhdxBlockState state, ulong fileOffset)
        : this((fileOffset & OffsetMask) | (ulong)state)
    {
    }

    public VhdxBlockState State => (VhdxBlockState)(Value & StateMask);

    /// <summary>Bytes from the file's start; a whole MiB, and less than 2^64.</summary>
    public ulong FileOffset => Value & OffsetMask;
}
