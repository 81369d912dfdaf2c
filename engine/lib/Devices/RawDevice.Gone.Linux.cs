using System.Globalization;
using Tidemark.Engine.Io;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Devices;

// Whether a device that fails has bad sectors or isn't there any more.
internal sealed unsafe partial class LinuxRawDevice
{
    public override void ReadAnew(long offset, Span<byte> buffer)
    {
        if (file.Direct is null)
        {
            var page = Environment.SystemPageSize;
            var start = offset / page * page;
            _ = Libc.posix_fadvise(file.Buffered, start, offset + buffer.Length - start, Libc.POSIX_FADV_DONTNEED);
        }

        ReadAt(offset, buffer);
    }

    public override string? WhyGone(int error)
    {
        if (IsOfWholeDevice(error))
        {
            return FileCalls.Reason(error);
        }

        // A disk that was pulled out answers any read with EIO, and has no size any more.
        var now = IsBlockDevice ? DeviceLength() : CurrentLength();
        return now < Length
            ? $"it has {now} bytes now where it had {Length} when the run began"
            : IsBlockDevice && MissingBacking() is var missing and > 0
                ? $"the file behind it was cut and lacks {missing} bytes now"
                : null;
    }

    /// <summary>
    /// Errors that speak of the device, not of a sector: no such device (ENODEV also of a SCSI disk that is offline, ENOLINK of
    /// a path that is lost), no medium, a file of a server that is gone, a FUSE file system whose server has ended. A time that
    /// ran out (ETIMEDOUT) isn't among them, since bad sectors cost time.
    /// </summary>
    private static bool IsOfWholeDevice(int error) => error is Errno.ENODEV or Errno.ENXIO or Errno.ENOMEDIUM or Errno.ESTALE
        or Errno.ENOTCONN or Errno.ESHUTDOWN or Errno.ENOLINK;

    private long DeviceLength()
    {
        ulong length;
        return FileCalls.Control(file.Buffered, Libc.BLKGETSIZE64, &length) < 0 ? 0 : (long)Math.Min(length, long.MaxValue);
    }

    /// <summary>Bytes that a loop device speaks of and its file doesn't have; 0 for every other device.</summary>
    private long MissingBacking()
    {
        // Documentation/ABI/testing/sysfs-block-loop; the file's name ends in " (deleted)" where it has none any more.
        var folder = string.Create(CultureInfo.InvariantCulture, $"/sys/dev/block/{Identity.Major}:{Identity.Minor}/loop");
        try
        {
            var backing = System.IO.File.ReadAllText($"{folder}/backing_file").TrimEnd('\n');
            var offset = long.Parse(System.IO.File.ReadAllText($"{folder}/offset"), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);

            // A loop device has whole sectors of its file.
            return FileCalls.Stat(backing, out var its) >= 0 && (its.stx_mode & Libc.S_IFMT) == Libc.S_IFREG
                ? Math.Max(0, Length - ((long)its.stx_size - offset))
                : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return 0;
        }
    }
}
