namespace Tidemark.Engine.Devices;

/// <summary>What a device says about a range without being read.</summary>
internal enum ExtentKind : byte
{
    /// <summary>The range has content and must be read.</summary>
    Data,

    /// <summary>Nothing is stored for the range: it reads as zeros, and no read is needed.</summary>
    Unallocated,
}

/// <summary>A range of bytes of a device and what is known of it. <paramref name="Length"/> is positive.</summary>
internal readonly record struct DeviceExtent(long Offset, long Length, ExtentKind Kind)
{
    public long End => Offset + Length;
}
