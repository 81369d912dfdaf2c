using System.Diagnostics;
using Tidemark.Engine;
using Tidemark.Engine.Devices.Queues;
using Tidemark.Engine.Io;
using Tidemark.Engine.Stores;

namespace Tidemark.Harness.Simulation;

/// <summary>The engine's own writer of local files, on a simulated file and with buffers small enough for many writes.</summary>
internal sealed class SimulatedWriter(SimulatedProcess process, SimulatedFolder folder, string temporary, string name, WrittenFile file)
    : LocalStoreWriter(new ShuffledIoQueue(new PositionalIoQueue(file, queue), temporary.Length))
{
    /// <summary>A full image of a simulation's volume has some 200 KiB, so this makes a dozen writes of it.</summary>
    private static readonly IoQueueOptions queue = new(4, 16 << 10);

    public override bool IsDirect => true;

    protected override int FlushFile()
    {
        try
        {
            file.Flush();
            return 0;
        }
        catch (TidemarkException e)
        {
            return e.Error == TidemarkError.Damaged ? SimulatedError.EioNumber : SimulatedError.EnospcNumber;
        }
    }

    protected override void CloseFile()
    {
    }

    protected override StoreFile OpenTemporary() => folder.OpenRead(temporary);

    protected override void Publish(bool withNext) => folder.Publish(temporary, name, withNext);

    protected override void Discard() => folder.Discard(temporary);

    protected override TidemarkException Error(string verb, int error)
    {
        Debug.Assert(!process.IsDead);
        var call = verb == "flush" ? IoKind.FlushFile : IoKind.Write;
        return error == SimulatedError.EnospcNumber ? SimulatedError.Enospc(call, name) : SimulatedError.Eio(call, name);
    }
}
