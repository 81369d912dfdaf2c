namespace Tidemark.Engine.Devices.VirtualDisks;

/// <summary>Where the bytes of a run come from.</summary>
internal enum ExtentSource : byte
{
    /// <summary>Nowhere: they are zeros.</summary>
    Zero,

    /// <summary>The disk's own file, at the run's file offset.</summary>
    File,

    /// <summary>The parent disk, at the same offset.</summary>
    Parent,
}

/// <summary>
/// Consecutive bytes of a virtual disk that come from one place. <paramref name="FileOffset"/> has a meaning for
/// <see cref="ExtentSource.File"/> only. <paramref name="Length"/> is positive; the default value means no run.
/// </summary>
internal readonly record struct MappedExtent(long Length, ExtentSource Source, long FileOffset = 0)
{
    public bool IsContinuedBy(MappedExtent next) =>
        Source == next.Source && (Source != ExtentSource.File || FileOffset + Length == next.FileOffset);
}
