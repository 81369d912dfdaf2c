using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.Queues;
using Tidemark.Engine.Io;

namespace Tidemark.Harness.Simulation;

/// <summary>A source as one run reads it: the volume, with the sectors that fail during the run.</summary>
internal sealed class SimulatedSource(SimulatedProcess process, MemoryDevice volume, int seed) : BlockDevice
{
    private readonly RangeSet bad = new();
    private bool ended;
    private bool gone;

    public override string Name => volume.Name;

    public override DeviceGeometry Geometry => volume.Geometry;

    /// <summary>Sectors that were refused when they were asked for alone: those that may count as unreadable.</summary>
    public RangeSet Refused { get; } = new();

    public override string? WhyGone(int error) => gone && seed % 2 == 0 ? "No such device" : null;

    public override int WorthwhileHole => volume.WorthwhileHole;

    public override DeviceExtent ExtentAt(long offset) => volume.ExtentAt(offset);

    public override IoQueue OpenQueue(IoQueueOptions options) =>
        new EndingQueue(this, new ShuffledIoQueue(new PositionalIoQueue(this, options, "simulated"), seed));

    public override void ReadAt(long offset, Span<byte> buffer)
    {
        var sector = Geometry.LogicalSectorSize;
        switch (process.Call(IoKind.SourceRead, Name))
        {
            case FaultKind.SourceError:
                var first = offset + (process.Draw.Next(buffer.Length) / sector * sector);
                bad.Add(first, first + (sector * process.Draw.Next(1, 6)));
                break;
            case FaultKind.SourceTransient:
                throw Refuse(offset, buffer.Length);
            case FaultKind.SourceShort:
                ended = true;
                break;
            case FaultKind.SourceGone:
                gone = true;
                break;
        }

        if (gone || bad.FirstIn(offset, offset + buffer.Length) >= 0)
        {
            throw Refuse(offset, buffer.Length);
        }

        volume.ReadAt(offset, buffer);
    }

    private DeviceIoException Refuse(long offset, int length)
    {
        if (length <= Geometry.LogicalSectorSize)
        {
            Refused.Add(offset, offset + length);
        }

        return new DeviceIoException(Name, offset, length, "Reading", SimulatedError.EioNumber, "Input/output error");
    }

    /// <summary>Shortens one transfer where the source has lost its end meanwhile.</summary>
    private sealed class EndingQueue(SimulatedSource source, IoQueue inner) : IoQueue
    {
        public override string Kind => inner.Kind;

        public override int Depth => inner.Depth;

        public override int BufferSize => inner.BufferSize;

        public override int InFlight => inner.InFlight;

        public override Span<byte> Buffer(int slot) => inner.Buffer(slot);

        public override void SubmitRead(int slot, long offset, int length) => inner.SubmitRead(slot, offset, length);

        public override void SubmitWrite(int slot, long offset, int length) => inner.SubmitWrite(slot, offset, length);

        public override int Reap(Span<IoCompletion> completions, bool wait)
        {
            var taken = inner.Reap(completions, wait);
            for (var i = 0; i < taken && source.ended; i++)
            {
                if (completions[i].Error == 0)
                {
                    completions[i] = completions[i] with { Transferred = completions[i].Transferred / 2 };
                    source.ended = false;
                }
            }

            return taken;
        }

        protected override void Dispose(bool disposing) => inner.Dispose();
    }
}
