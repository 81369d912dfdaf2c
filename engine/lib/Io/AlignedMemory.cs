using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Tidemark.Engine.Io;

/// <summary>
/// Memory outside the heap, zeroed, aligned for direct transfers. Regions of 2 MiB and more are aligned to huge pages
/// and ask for them, since pinning pages is most of what a direct transfer costs.
/// </summary>
internal sealed unsafe partial class AlignedMemory : IDisposable
{
    /// <summary>Size of a huge page on x64 and on arm64 with 4 KiB pages.</summary>
    public const int HugePageSize = 2 << 20;

    private const int PageSize = 4096;
    private byte* pointer;

    public AlignedMemory(nuint length)
    {
        Debug.Assert(length > 0);
        Length = length;
        var alignment = length >= HugePageSize ? HugePageSize : PageSize;
        pointer = (byte*)NativeMemory.AlignedAlloc(length, (nuint)alignment);
        if (alignment == HugePageSize && OperatingSystem.IsLinux())
        {
            AdviseHugePages(pointer, length);
        }

        NativeMemory.Clear(pointer, length);
    }

    ~AlignedMemory() => Release();

    public nuint Length { get; }

    public byte* Pointer => pointer;

    public Span<byte> Slice(nuint offset, int length)
    {
        Debug.Assert(pointer != null, "memory was disposed");
        Debug.Assert(length >= 0 && offset + (nuint)length <= Length);
        return new Span<byte>(pointer + offset, length);
    }

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        NativeMemory.AlignedFree(pointer);
        pointer = null;
    }
}
