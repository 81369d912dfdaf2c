using System.Diagnostics;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;

namespace Tidemark.Engine.Pipelines;

/// <summary>
/// Reads what can be read of a range that failed: bisects it down to the sector, fills bad sectors with a pattern that
/// nobody takes for content, and keeps the list of them.
/// </summary>
/// <param name="mostBad">Bytes of bad sectors that are borne; a bad sector beyond ends the run.</param>
internal sealed class SectorBisection(BlockDevice device, long mostBad = long.MaxValue)
{
    /// <summary>Ranges kept apart at most; past that a range is joined with the one before it in the list.</summary>
    private const int MaxRanges = ImageMetadata.MaxUnreadableRanges;

    private readonly List<(long Offset, long Length)> bad = [];

    /// <summary>Bytes of bad sectors so far.</summary>
    public long BadBytes { get; private set; }

    /// <summary>Bad ranges in order.</summary>
    public IReadOnlyList<(long Offset, long Length)> Bad => bad;

    private static ReadOnlySpan<byte> Pattern => "TIDEMARK: this sector could not be read when it was imaged.\r\n\0\0"u8;

    /// <summary>Fills a sector, or a piece of one, with the pattern of unreadable sectors.</summary>
    public static void FillPattern(Span<byte> bytes)
    {
        for (var at = 0; at < bytes.Length; at += Pattern.Length)
        {
            Pattern[..Math.Min(Pattern.Length, bytes.Length - at)].CopyTo(bytes[at..]);
        }
    }

    /// <summary>Whether the device is there at all.</summary>
    public DevicePresence Presence { get; } = new(device);

    /// <summary>
    /// Reads the range, filling what can't be read; ranges come in order. A cancellation costs no more than the read that is
    /// under way.
    /// </summary>
    /// <exception cref="DeviceGoneException">The device is gone, so that nothing can be said of its sectors.</exception>
    /// <exception cref="TidemarkException">More is bad than is borne.</exception>
    public void Read(long offset, Span<byte> buffer, CancellationToken cancellation)
    {
        Debug.Assert(bad.Count == 0 || offset >= bad[^1].Offset + bad[^1].Length);
        cancellation.ThrowIfCancellationRequested();
        try
        {
            device.ReadAt(offset, buffer);
            Presence.Answered();
        }
        catch (DeviceIoException e)
        {
            // The one who cancels may have broken what is read through.
            cancellation.ThrowIfCancellationRequested();
            Presence.Failed(offset, e.NativeError, cancellation);
            var sector = device.Geometry.LogicalSectorSize;
            if (buffer.Length <= sector)
            {
                FillPattern(buffer);
                Add(offset, buffer.Length);
                return;
            }

            var half = Math.Max(sector, buffer.Length / 2 / sector * sector);
            Read(offset, buffer[..half], cancellation);
            Read(offset + half, buffer[half..], cancellation);
        }
    }

    /// <summary>Whether a range holds a bad sector; only the last ranges that were read may be asked for.</summary>
    public bool Touches(long offset, long length)
    {
        for (var i = bad.Count - 1; i >= 0 && bad[i].Offset + bad[i].Length > offset; i--)
        {
            if (bad[i].Offset < offset + length)
            {
                return true;
            }
        }

        return false;
    }

    private void Add(long offset, long length)
    {
        BadBytes += length;
        if (BadBytes > mostBad)
        {
            throw TidemarkException.Failed(
                $"{BadBytes} bytes of {device.Name} couldn't be read up to byte {offset + length} of {device.Length}, and the run may bear "
                + $"{mostBad}. If its cable or power is to blame, see to that and run again. If the disk is failing, copy it with ddrescue first and "
                + "image the copy, or image what can be read.",
                advice: Advice.AllowUnreadable);
        }

        if (bad.Count > 0 && (bad[^1].Offset + bad[^1].Length == offset || bad.Count == MaxRanges))
        {
            bad[^1] = (bad[^1].Offset, offset + length - bad[^1].Offset);
        }
        else
        {
            bad.Add((offset, length));
        }
    }
}
