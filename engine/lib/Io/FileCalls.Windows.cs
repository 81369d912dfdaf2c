using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using TerraFX.Interop.Windows;
using Tidemark.Interop.Windows;
using static TerraFX.Interop.Windows.Windows;

namespace Tidemark.Engine.Io;

/// <summary>
/// File calls on handles that are open for overlapped transfers. Transfers return the bytes moved or the negative error
/// code and may be short, with 0 at the end of the file; other calls return 0 or the error code.
/// </summary>
internal static unsafe class WindowsFileCalls
{
    /// <summary>What others may do with a file meanwhile: anything, as on Linux; the folder's lock keeps writers apart.</summary>
    public const uint ShareAll = FILE.FILE_SHARE_READ | FILE.FILE_SHARE_WRITE | FILE.FILE_SHARE_DELETE;

    // One for each thread that transfers, however many files it does that on.
    [ThreadStatic]
    private static KernelHandle? completed;

    /// <param name="path">As CreateFileW takes it (see <see cref="Devices.WindowsPath"/>).</param>
    /// <param name="access">Access rights.</param>
    /// <param name="disposition">OPEN_EXISTING and its kin.</param>
    /// <param name="flags">FILE_FLAG_*.</param>
    /// <param name="error">0 or the error code.</param>
    /// <param name="share">What others may do meanwhile.</param>
    public static SafeFileHandle Open(
        string path, uint access, uint disposition, uint flags, out int error, uint share = ShareAll)
    {
        fixed (char* name = path)
        {
            var handle = CreateFileW(name, access, share, null, disposition, flags, HANDLE.NULL);
            error = handle == HANDLE.INVALID_VALUE ? Marshal.GetLastSystemError() : ERROR.ERROR_SUCCESS;
            return new SafeFileHandle(handle, ownsHandle: true);
        }
    }

    /// <summary>Opens the same file once more, with flags of its own.</summary>
    public static SafeFileHandle OpenAgain(SafeFileHandle file, uint access, uint flags, out int error)
    {
        using var held = new Held(file);
        var handle = ReOpenFile(held.Handle, access, ShareAll, flags);
        error = handle == HANDLE.INVALID_VALUE ? Marshal.GetLastSystemError() : ERROR.ERROR_SUCCESS;
        return new SafeFileHandle(handle, ownsHandle: true);
    }

    public static long Read(SafeFileHandle file, void* buffer, uint count, long offset)
    {
        var moved = Transfer(file, buffer, count, offset, write: false);
        return moved == -ERROR.ERROR_HANDLE_EOF ? 0 : moved;
    }

    public static long Write(SafeFileHandle file, void* buffer, uint count, long offset) =>
        Transfer(file, buffer, count, offset, write: true);

    /// <summary>A device's or file system's control.</summary>
    /// <param name="file">What it goes to.</param>
    /// <param name="code">IOCTL_* or FSCTL_*.</param>
    /// <param name="input">What goes in.</param>
    /// <param name="inputSize">Bytes of it.</param>
    /// <param name="output">What comes out.</param>
    /// <param name="outputSize">Bytes there is room for.</param>
    /// <param name="returned">Bytes that came.</param>
    public static int Control(
        SafeFileHandle file, int code, void* input, int inputSize, void* output, int outputSize, out int returned)
    {
        var overlapped = new OVERLAPPED { hEvent = SignalOfThread() };
        using var held = new Held(file);
        if (!DeviceIoControl(
            held.Handle, (uint)code, input, (uint)inputSize, output, (uint)outputSize, null, &overlapped))
        {
            var error = Marshal.GetLastSystemError();
            if (error is not (ERROR.ERROR_IO_PENDING or ERROR.ERROR_MORE_DATA))
            {
                returned = 0;
                return error;
            }
        }

        uint moved = 0;
        var ended = GetOverlappedResult(held.Handle, &overlapped, &moved, true);
        var result = ended ? ERROR.ERROR_SUCCESS : Marshal.GetLastSystemError();
        returned = (int)moved;
        return result;
    }

    public static int Control(SafeFileHandle file, int code) => Control(file, code, null, 0, null, 0, out _);

    /// <summary>A control that answers with one structure, and perhaps more of it than was asked for.</summary>
    public static int Query<T>(SafeFileHandle file, int code, out T answer)
        where T : unmanaged
    {
        fixed (T* start = &answer)
        {
            *start = default;
            var error = Control(file, code, null, 0, start, sizeof(T), out var returned);
            return error == ERROR.ERROR_SUCCESS && returned < sizeof(T) ? ERROR.ERROR_INVALID_FUNCTION : error;
        }
    }

    public static int GetInfo<T>(SafeFileHandle file, FILE_INFO_BY_HANDLE_CLASS kind, out T info)
        where T : unmanaged
    {
        using var held = new Held(file);
        fixed (T* start = &info)
        {
            *start = default;
            return GetFileInformationByHandleEx(held.Handle, kind, start, (uint)sizeof(T)) ? 0 : Marshal.GetLastSystemError();
        }
    }

    public static int SetInfo<T>(SafeFileHandle file, FILE_INFO_BY_HANDLE_CLASS kind, T info)
        where T : unmanaged
    {
        using var held = new Held(file);
        return SetFileInformationByHandle(held.Handle, kind, &info, (uint)sizeof(T)) ? 0 : Marshal.GetLastSystemError();
    }

    public static int Stat(SafeFileHandle file, out BY_HANDLE_FILE_INFORMATION info)
    {
        using var held = new Held(file);
        fixed (BY_HANDLE_FILE_INFORMATION* start = &info)
        {
            *start = default;
            return GetFileInformationByHandle(held.Handle, start) ? 0 : Marshal.GetLastSystemError();
        }
    }

    public static int Length(SafeFileHandle file, out long length)
    {
        using var held = new Held(file);
        LARGE_INTEGER size = default;
        var error = GetFileSizeEx(held.Handle, &size) ? 0 : Marshal.GetLastSystemError();
        length = size.QuadPart;
        return error;
    }

    public static int SetLength(SafeFileHandle file, long length) => SetInfo(
        file,
        FILE_INFO_BY_HANDLE_CLASS.FileEndOfFileInfo,
        new FILE_END_OF_FILE_INFO { EndOfFile = new LARGE_INTEGER { QuadPart = length } });

    public static int Flush(SafeFileHandle file)
    {
        using var held = new Held(file);
        return FlushFileBuffers(held.Handle) ? 0 : Marshal.GetLastSystemError();
    }

    /// <summary>FILE_TYPE_DISK for files and block devices.</summary>
    public static uint TypeOf(SafeFileHandle file)
    {
        using var held = new Held(file);
        return GetFileType(held.Handle);
    }

    /// <summary>Whether an error says that the device, the file system or the system has no such call.</summary>
    public static bool IsMissing(int error) => error is ERROR.ERROR_INVALID_FUNCTION or ERROR.ERROR_NOT_SUPPORTED
        or ERROR.ERROR_CALL_NOT_IMPLEMENTED or ERROR.ERROR_INVALID_PARAMETER;

    /// <summary>The system's words for an error code, without a full stop.</summary>
    public static string Reason(int error) => $"{Marshal.GetPInvokeErrorMessage(error).TrimEnd(' ', '.', '\r', '\n')} ({error})";

    private static long Transfer(SafeFileHandle file, void* buffer, uint count, long offset, bool write)
    {
        var overlapped = new OVERLAPPED { hEvent = SignalOfThread() };
        overlapped.Offset = (uint)offset;
        overlapped.OffsetHigh = (uint)(offset >> 32);
        using var held = new Held(file);
        var started = write
            ? WriteFile(held.Handle, buffer, count, null, &overlapped)
            : ReadFile(held.Handle, buffer, count, null, &overlapped);
        if (!started)
        {
            var error = Marshal.GetLastSystemError();
            if (error != ERROR.ERROR_IO_PENDING)
            {
                return -error;
            }
        }

        uint moved = 0;
        return GetOverlappedResult(held.Handle, &overlapped, &moved, true) ? moved : -Marshal.GetLastSystemError();
    }

    /// <summary>
    /// Locks one byte of a file, or says ERROR_LOCK_VIOLATION where somebody else has it. A server across the network may
    /// take its time for either answer, and it is waited for: until then the call belongs to the system.
    /// </summary>
    public static int TryLock(SafeFileHandle file, uint offset)
    {
        var range = new OVERLAPPED { hEvent = SignalOfThread() };
        range.Offset = offset;
        using var held = new Held(file);
        if (LockFileEx(held.Handle, LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &range))
        {
            return 0;
        }

        var error = Marshal.GetLastSystemError();
        if (error != ERROR.ERROR_IO_PENDING)
        {
            return error;
        }

        uint moved = 0;
        return GetOverlappedResult(held.Handle, &range, &moved, true) ? 0 : Marshal.GetLastSystemError();
    }

    // The lowest bit keeps the completion away from a port that the handle may belong to; the kernel ignores it.
    private static HANDLE SignalOfThread()
    {
        if (completed is null)
        {
            var made = CreateEventW(null, true, false, null);
            if (made == HANDLE.NULL)
            {
                throw TidemarkException.Failed(
                    $"The system gives no event: {Reason(Marshal.GetLastSystemError())}. Close other programs and run again.");
            }

            completed = new KernelHandle(made);
        }

        return (HANDLE)(completed.DangerousGetHandle() | 1);
    }

    /// <summary>Keeps a handle from being closed, and its number from being given out again, during a call.</summary>
    private readonly ref struct Held
    {
        private readonly SafeFileHandle file;

        public Held(SafeFileHandle file)
        {
            var added = false;
            file.DangerousAddRef(ref added);
            this.file = file;
        }

        public HANDLE Handle => (HANDLE)file.DangerousGetHandle();

        public void Dispose() => file.DangerousRelease();
    }
}
