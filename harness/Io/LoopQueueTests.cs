using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.Queues;
using Tidemark.Engine.Io;
using Tidemark.Harness.Support;

namespace Tidemark.Harness.Io;

/// <summary>Queues on a block device with sectors of 512 or 4096 bytes.</summary>
[DiffersBySystem]
public abstract class LoopQueueTests(int sectorSize) : IoQueueContract
{
    protected override int LengthUnit => sectorSize;

    internal override BlockDevice OpenDevice(int length, out IDisposable keeper)
    {
        var loop = LoopFile.Attach(length, sectorSize);
        keeper = loop;
        return RawDevice.OpenWrite(loop.Device);
    }
}

[DiffersBySystem]
public class UringLoop512QueueTests() : LoopQueueTests(512);

[DiffersBySystem]
public class UringLoop4096QueueTests() : LoopQueueTests(4096);

[DiffersBySystem]
public class PreadLoop4096QueueTests() : LoopQueueTests(4096)
{
    internal override IoQueue OpenQueue(BlockDevice device, IoQueueOptions options) =>
        new PreadIoQueue(((LinuxRawDevice)device).File, options);
}
