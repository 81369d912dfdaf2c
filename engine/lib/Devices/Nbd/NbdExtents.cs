using System.Diagnostics;

namespace Tidemark.Engine.Devices.Nbd;

/// <summary>
/// What a server tells of allocation (base:allocation), a stretch at a time: the last answer is kept for the questions that
/// follow. Without an answer everything is data.
/// </summary>
internal sealed unsafe class NbdExtents(NbdConnection connection)
{
    /// <summary>Bytes asked about at a time: the request's 32 bits, in any server's units.</summary>
    private const long Stretch = 1L << 31;

    private readonly Lock gate = new();
    private readonly NbdTransfer transfer = new() { Extents = [] };
    private readonly List<DeviceExtent> known = [];
    private bool silent = connection.Info.Allocation is null;

    /// <summary>Forgets what was told, since it changes.</summary>
    public void Forget()
    {
        lock (gate)
        {
            known.Clear();
        }
    }

    public DeviceExtent At(long offset)
    {
        Debug.Assert(offset >= 0 && offset < connection.Info.Length);
        lock (gate)
        {
            if (Find(offset) is { } extent)
            {
                return extent;
            }

            if (!silent)
            {
                Ask(offset);
            }

            return Find(offset) ?? new DeviceExtent(offset, connection.Info.Length - offset, ExtentKind.Data);
        }
    }

    private DeviceExtent? Find(long offset)
    {
        int low = 0, high = known.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = known[middle].End <= offset ? (middle + 1, high) : (low, middle);
        }

        return low < known.Count && known[low].Offset <= offset
            ? new DeviceExtent(offset, known[low].End - offset, known[low].Kind)
            : null;
    }

    private void Ask(long offset)
    {
        var length = connection.Info.Length;
        var at = offset / connection.Info.MinBlock * connection.Info.MinBlock;
        known.Clear();
        connection.Submit(
            transfer, NbdCommand.BlockStatus, NbdCommandFlags.None, at, (uint)Math.Min(Stretch, length - at), null, []);
        transfer.Wait();
        if (transfer.Error != 0)
        {
            // Telling is a service: what isn't told is read.
            silent = true;
            return;
        }

        foreach (var (size, flags) in transfer.Extents!)
        {
            if (at >= length)
            {
                break;
            }

            var now = Math.Min(size, length - at);
            var kind = (flags & NbdProtocol.NBD_STATE_ZERO) != 0 ? ExtentKind.Unallocated : ExtentKind.Data;
            if (known.Count > 0 && known[^1].Kind == kind)
            {
                known[^1] = known[^1] with { Length = known[^1].Length + now };
            }
            else
            {
                known.Add(new DeviceExtent(at, now, kind));
            }

            at += now;
        }
    }
}
