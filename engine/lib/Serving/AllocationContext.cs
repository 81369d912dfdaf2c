using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.Nbd;

namespace Tidemark.Engine.Serving;

/// <summary>base:allocation of the protocol: what of a device reads as zeros.</summary>
internal sealed class AllocationContext(BlockDevice device) : NbdContext
{
    public override string Name => NbdProtocol.BaseAllocation;

    public override (long Length, uint Flags) At(long offset)
    {
        var extent = device.ExtentAt(offset);
        return (extent.Length, extent.Kind == ExtentKind.Unallocated ? NbdProtocol.NBD_STATE_HOLE | NbdProtocol.NBD_STATE_ZERO : 0);
    }
}
