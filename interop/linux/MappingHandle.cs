using Microsoft.Win32.SafeHandles;

namespace Tidemark.Interop.Linux;

/// <summary>A mapping of a descriptor's memory, unmapped with its owner.</summary>
public sealed unsafe class MappingHandle : SafeHandleMinusOneIsInvalid
{
    private readonly nuint length;

    public MappingHandle(FdHandle fd, nuint length, nint offset)
        : base(ownsHandle: true)
    {
        this.length = length;
        SetHandle((nint)Libc.mmap(
            null, length, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED | Libc.MAP_POPULATE, fd, offset));
    }

    public byte* Start => (byte*)handle;

    protected override bool ReleaseHandle() => Libc.munmap((void*)handle, length) == 0;
}
