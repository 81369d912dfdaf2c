using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using TerraFX.Interop.Windows;
using Tidemark.Interop.Windows;
using static TerraFX.Interop.Windows.Windows;

namespace Tidemark.Engine.Io;

/// <summary>
/// An open file by two handles: one that goes around the cache (FILE_FLAG_NO_BUFFERING) for aligned transfers, if the
/// file system takes it, and one through the cache for what is not aligned. A device has the first alone.
/// </summary>
/// <remarks>
/// The file system keeps both views coherent as long as transfers that touch the same page don't overlap in time: an
/// unbuffered transfer flushes and purges the cached pages of its range. Callers therefore never have two transfers in
/// flight on the same 4 KiB when one of them writes.
/// </remarks>
internal sealed class OverlappedFile : IDisposable
{
    /// <summary>
    /// What unbuffered transfers of files are aligned to: a page, so that what goes through the cache never shares one
    /// with them, and a multiple of every sector size that volumes have.
    /// </summary>
    public const int FileAlignment = 4096;

    private readonly uint access;
    private KernelHandle? port;
    private int portTaken;
    private volatile string? note;
    private volatile bool refused;

    private OverlappedFile(SafeFileHandle buffered, SafeFileHandle? direct, uint access, int alignment, string? note)
    {
        Buffered = buffered;
        Direct = direct;
        this.access = access;
        Alignment = direct is null ? 1 : alignment;
        this.note = note;
    }

    /// <summary>The handle for what isn't aligned; a device's only one.</summary>
    public SafeFileHandle Buffered { get; }

    /// <summary>Null where unbuffered transfers are refused; <see cref="Note"/> says why.</summary>
    public SafeFileHandle? Direct { get; }

    /// <summary>What offset, length and address of an unbuffered transfer are multiples of.</summary>
    public int Alignment { get; }

    /// <summary>Whether transfers may go around the cache: no call has been refused for it so far.</summary>
    public bool TakesDirect => Direct is not null && !refused;

    /// <summary>Why transfers go through the cache; null if they don't.</summary>
    public string? Note => note;

    public bool IsDevice => ReferenceEquals(Buffered, Direct);

    /// <summary>Pairs an open handle of a file with an unbuffered one. <paramref name="buffered"/> belongs to the result.</summary>
    public static OverlappedFile OfFile(SafeFileHandle buffered, bool write)
    {
        var access = write ? GENERIC_READ | GENERIC_WRITE : GENERIC_READ;
        if (OperatingSystem.IsWindowsVersionAtLeast(6, 2)
            && WindowsFileCalls.GetInfo(buffered, FILE_INFO_BY_HANDLE_CLASS.FileStorageInfo, out FILE_STORAGE_INFO storage) == 0
            && storage.LogicalBytesPerSector > FileAlignment)
        {
            return new OverlappedFile(
                buffered, null, access, 1, $"unbuffered transfers would need an alignment of {storage.LogicalBytesPerSector} bytes");
        }

        var direct = WindowsFileCalls.OpenAgain(
            buffered, access, FILE.FILE_FLAG_NO_BUFFERING | FILE.FILE_FLAG_OVERLAPPED, out var error);
        if (error != 0)
        {
            direct.Dispose();
            return new OverlappedFile(
                buffered, null, access, 1, $"the file system refuses unbuffered transfers: {WindowsFileCalls.Reason(error)}");
        }

        return new OverlappedFile(buffered, direct, access, FileAlignment, null);
    }

    /// <summary>A device by its unbuffered handle, which belongs to the result.</summary>
    public static OverlappedFile OfDevice(SafeFileHandle device, bool write, int sectorSize) =>
        new(device, device, write ? GENERIC_READ | GENERIC_WRITE : GENERIC_READ, sectorSize, null);

    /// <summary>
    /// Takes note that an aligned transfer was refused; from then on all go through the cache. False for a device, which
    /// has no other way.
    /// </summary>
    public bool RefuseDirect(int error)
    {
        Debug.Assert(Direct is not null);
        if (!IsDevice)
        {
            note = $"the file system refuses unbuffered transfers: {WindowsFileCalls.Reason(error)}";
            refused = true;
        }

        return !IsDevice;
    }

    /// <summary>
    /// The completion port of the handles, for one queue at a time; null while another has it, since a handle belongs to
    /// one port all its life.
    /// </summary>
    public KernelHandle? TryTakePort(out int error)
    {
        error = 0;
        if (Interlocked.Exchange(ref portTaken, 1) != 0)
        {
            return null;
        }

        if (port is null)
        {
            port = Associate(Buffered, null, out error);
            if (error == 0 && Direct is not null && !IsDevice)
            {
                Associate(Direct, port, out error).SetHandleAsInvalid();
            }
        }

        return error == 0 ? port : null;
    }

    public void ReturnPort()
    {
        Debug.Assert(portTaken == 1);
        Volatile.Write(ref portTaken, 0);
    }

    /// <summary>The same file by handles of its own; null if the system refuses.</summary>
    public OverlappedFile? TryOpenAgain()
    {
        uint flags = FILE.FILE_FLAG_OVERLAPPED;
        var again = WindowsFileCalls.OpenAgain(
            Buffered, access, IsDevice ? flags | FILE.FILE_FLAG_NO_BUFFERING : flags, out var error);
        if (error != 0)
        {
            again.Dispose();
            return null;
        }

        return IsDevice
            ? new OverlappedFile(again, again, access, Alignment, Note)
            : OfFile(again, (access & GENERIC_WRITE) != 0);
    }

    public void Dispose()
    {
        Direct?.Dispose();
        Buffered.Dispose();
        port?.Dispose();
    }

    // One thread reaps a port, so more than one never runs for it.
    private static KernelHandle Associate(SafeFileHandle file, KernelHandle? port, out int error)
    {
        var made = CreateIoCompletionPort(
            (HANDLE)file.DangerousGetHandle(), (HANDLE)(port?.DangerousGetHandle() ?? 0), 0, 1);
        error = made == HANDLE.NULL ? Marshal.GetLastSystemError() : 0;
        return new KernelHandle(made);
    }
}
