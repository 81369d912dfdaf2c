namespace Tidemark.Engine.Devices;

/// <summary>
/// A device refused a read or a write of a range. A backup answers by bisecting the range down to the sector;
/// everything else reports it.
/// </summary>
internal sealed class DeviceIoException : TidemarkException
{
    public DeviceIoException(string device, long offset, long length, string operation, int error, string reason)
        : base(TidemarkError.Failed, $"{operation} of {length} bytes at offset {offset} of {device} failed: {reason}.")
    {
        Offset = offset;
        Length = length;
        NativeError = error;
    }

    public long Offset { get; }

    public long Length { get; }

    /// <summary>The operating system's error number (a positive errno on Linux, a Win32 code on Windows).</summary>
    public int NativeError { get; }
}
