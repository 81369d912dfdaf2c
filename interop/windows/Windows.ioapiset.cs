using System.Runtime.InteropServices;

namespace TerraFX.Interop.Windows;

public static unsafe partial class Windows
{
    [DllImport("kernel32", ExactSpelling = true)]
    public static extern HANDLE CreateIoCompletionPort(HANDLE FileHandle, HANDLE ExistingCompletionPort, nuint CompletionKey, uint NumberOfConcurrentThreads);

    [DllImport("kernel32", ExactSpelling = true)]
    public static extern BOOL GetQueuedCompletionStatusEx(HANDLE CompletionPort, OVERLAPPED_ENTRY* lpCompletionPortEntries, uint ulCount, uint* ulNumEntriesRemoved, uint dwMilliseconds, BOOL fAlertable);

    [DllImport("kernel32", ExactSpelling = true)]
    public static extern BOOL DeviceIoControl(HANDLE hDevice, uint dwIoControlCode, void* lpInBuffer, uint nInBufferSize, void* lpOutBuffer, uint nOutBufferSize, uint* lpBytesReturned, OVERLAPPED* lpOverlapped);

    [DllImport("kernel32", ExactSpelling = true)]
    public static extern BOOL GetOverlappedResult(HANDLE hFile, OVERLAPPED* lpOverlapped, uint* lpNumberOfBytesTransferred, BOOL bWait);

    [DllImport("kernel32", ExactSpelling = true)]
    public static extern BOOL CancelIoEx(HANDLE hFile, OVERLAPPED* lpOverlapped);
}
