namespace Tidemark.Engine.Devices;

/// <summary>
/// A device went away while it was read. What it didn't give isn't unreadable: it is there, and can be read another time.
/// </summary>
internal sealed class DeviceGoneException(string device, long offset, long length, string reason) : TidemarkException(
    TidemarkError.Failed,
    $"{device} is gone: it was read up to byte {offset} of {length}, and then {reason.TrimEnd('.')}. "
    + "Check its cable, power, connection or server, and run again.");
