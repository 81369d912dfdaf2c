using TerraFX.Interop.Windows;
using Tidemark.Engine.Io;

namespace Tidemark.Engine.Devices;

// Whether a device that fails has bad sectors or isn't there any more. The codes are those of winerror.h.
internal sealed unsafe partial class WindowsRawDevice
{
    private const int DevNotExist = 55;
    private const int UnexpNetErr = 59;
    private const int NetnameDeleted = 64;
    private const int DeviceUnreachable = 321;
    private const int NoSuchDevice = 433;
    private const int FileInvalid = 1006;
    private const int NoMediaInDrive = 1112;
    private const int DeviceNotConnected = 1167;
    private const int DeviceRemoved = 1617;

    public override string? WhyGone(int error)
    {
        if (IsOfWholeDevice(error))
        {
            return WindowsFileCalls.Reason(error);
        }

        return !IsBlockDevice && WindowsFileCalls.Length(file.Buffered, out var now) == 0 && now < Length
            ? $"it has {now} bytes now where it had {Length} when the run began"
            : null;
    }

    /// <summary>
    /// Errors that speak of the device, not of a sector. ERROR_GEN_FAILURE, ERROR_IO_DEVICE and ERROR_SEM_TIMEOUT aren't among
    /// them: disks answer so for bad sectors as well.
    /// </summary>
    private static bool IsOfWholeDevice(int error) => error is ERROR.ERROR_NOT_READY or ERROR.ERROR_INVALID_DRIVE or DevNotExist
        or UnexpNetErr or NetnameDeleted or DeviceUnreachable or NoSuchDevice or FileInvalid or NoMediaInDrive or DeviceNotConnected
        or DeviceRemoved;
}
