using Microsoft.Win32.SafeHandles;

namespace Tidemark.Interop.Linux;

/// <summary>A file descriptor that is closed with its owner.</summary>
public sealed class FdHandle : SafeHandleMinusOneIsInvalid
{
    public FdHandle()
        : base(ownsHandle: true)
    {
    }

    public FdHandle(int fd)
        : base(ownsHandle: true) => SetHandle(fd);

    /// <summary>The bare number, valid while a reference is held.</summary>
    public int Fd => (int)handle;

    // The descriptor is gone whatever close says; an error of delayed writes is fdatasync's to report.
    protected override bool ReleaseHandle() => Libc.close((int)handle) == 0;
}
