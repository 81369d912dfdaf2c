using System.Runtime.InteropServices;
using Tidemark.Interop.Linux;

namespace Tidemark.Fuzz.Running;

/// <summary>
/// A buffer whose end touches a page that can't be accessed, so that a read or write beyond it ends the process at once
/// and doesn't go unseen. Kept for the process's life. Elsewhere than on Linux it is plain memory.
/// </summary>
internal sealed unsafe class GuardedMemory
{
    private const int PageSize = 4096;
    private readonly byte* end;
    private readonly int capacity;

    public GuardedMemory(int capacity)
    {
        this.capacity = (capacity + PageSize - 1) / PageSize * PageSize;
        var start = (byte*)NativeMemory.AlignedAlloc((nuint)(this.capacity + PageSize), PageSize);
        end = start + this.capacity;
        if (OperatingSystem.IsLinux() && Libc.mprotect(end, PageSize, Libc.PROT_NONE) != 0)
        {
            throw new InvalidOperationException($"mprotect failed with {Marshal.GetLastPInvokeError()}.");
        }
    }

    /// <summary>That many bytes right before the guard; what was taken before is gone.</summary>
    public Span<byte> Take(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, capacity);
        return new Span<byte>(end - length, length);
    }

    public Span<byte> Copy(ReadOnlySpan<byte> bytes)
    {
        var copy = Take(bytes.Length);
        bytes.CopyTo(copy);
        return copy;
    }
}
