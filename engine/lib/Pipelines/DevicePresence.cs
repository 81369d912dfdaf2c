using Tidemark.Engine.Devices;

namespace Tidemark.Engine.Pipelines;

/// <summary>
/// Tells a device that has bad sectors from one that is gone. Many say so by their error; a disk that was pulled out of a USB
/// port answers every read with the error of a bad sector, so after some failures in a row sectors that were read well
/// before are read again.
/// </summary>
internal sealed class DevicePresence(BlockDevice device)
{
    /// <summary>
    /// Failures in a row, each of a read of its own, before the device is doubted: bisecting a read of 512 KiB to its first
    /// bad sector takes 11, so a few bad sectors cost no further read.
    /// </summary>
    public const int MaxFailures = 32;

    /// <summary>Places that were read well and are asked again: the latest, so that all lie on what has just answered.</summary>
    private const int Places = 8;

    /// <summary>
    /// Fewer say nothing of the device as a whole: sectors beside each other fail together. Then places all over the device
    /// are asked as well.
    /// </summary>
    private const int FewPlaces = 4;

    /// <summary>
    /// How often each is asked, in turns: a device of which four reads in five fail is there, and all 40 fail once in 7,500
    /// doubts.
    /// </summary>
    private const int Turns = 5;

    /// <summary>Places all over the device that are asked where few were read well.</summary>
    private const int Spread = 40;

    private readonly long[] good = new long[Places];
    private long goodCount;
    private int failures;
    private bool isDoubtful;

    /// <summary>Something was read well in the course of the scan. It may have been under way while the device went.</summary>
    public void Read(long offset) => good[goodCount++ % Places] = offset;

    /// <summary>A read that began after the last failure went well.</summary>
    public void Answered()
    {
        failures = 0;
        isDoubtful = false;
    }

    /// <exception cref="DeviceGoneException">The device is gone.</exception>
    public void Failed(long offset, int error, CancellationToken cancellation)
    {
        Require(offset, error);
        isDoubtful = true;
        if (++failures >= MaxFailures)
        {
            RequireAnswer(offset, cancellation);
        }
    }

    /// <summary>After a failure of a transfer, whatever may come of its sectors.</summary>
    /// <exception cref="DeviceGoneException">The error says that the device is gone.</exception>
    public void Require(long offset, int error)
    {
        if (device.WhyGone(error) is { } reason)
        {
            throw new DeviceGoneException(device.Name, offset, device.Length, reason);
        }
    }

    /// <summary>At the end of a scan, before what failed counts as unreadable.</summary>
    /// <exception cref="DeviceGoneException">The device is gone.</exception>
    public void Settle(CancellationToken cancellation)
    {
        if (isDoubtful)
        {
            RequireAnswer(device.Length, cancellation);
        }
    }

    /// <summary>Sectors all over a device, the first and the last among them.</summary>
    public static IEnumerable<long> SpreadOver(long length, int sector)
    {
        var last = Math.Max(0, (length - 1) / sector);
        return Enumerable.Range(0, Spread).Select(i => (long)((Int128)last * i / (Spread - 1)) * sector).Distinct();
    }

    private void RequireAnswer(long offset, CancellationToken cancellation)
    {
        var sector = device.Geometry.LogicalSectorSize;
        var buffer = new byte[sector];
        var known = (int)Math.Min(goodCount, Places);
        for (var i = 0; i < known * Turns; i++)
        {
            if (Answers(good[i % known]))
            {
                return;
            }
        }

        if (known < FewPlaces && SpreadOver(device.Length, sector).Any(Answers))
        {
            return;
        }

        throw new DeviceGoneException(
            device.Name, offset, device.Length,
            known > 0 ? "sectors that could be read before couldn't be read any more" : "no sector of it could be read");

        bool Answers(long place)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                device.ReadAnew(place, buffer.AsSpan(0, (int)Math.Min(sector, device.Length - place)));
                Answered();
                return true;
            }
            catch (DeviceIoException e)
            {
                Require(offset, e.NativeError);
                return false;
            }
        }
    }
}
