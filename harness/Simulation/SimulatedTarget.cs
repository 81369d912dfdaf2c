using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.Queues;
using Tidemark.Engine.Io;

namespace Tidemark.Harness.Simulation;

/// <summary>A disk that is restored to, with a volatile cache; a restore that is cut off leaves any part of it written.</summary>
internal sealed class SimulatedTarget(byte[] content, int seed, int sectorSize = SimulatedTarget.Sector) : BlockDevice
{
    /// <summary>What is written whole or not at all.</summary>
    private const int Sector = 512;

    private readonly HashSet<int> dirty = [];
    private byte[] durable = [.. content];

    /// <summary>The run that uses it now.</summary>
    public SimulatedProcess? Process { get; set; }

    public override string Name => "simulated target";

    public override DeviceGeometry Geometry => new(content.Length, sectorSize, 4096, 1, 1);

    public override bool CanWrite => true;

    public ReadOnlySpan<byte> Content => content;

    public override IoQueue OpenQueue(IoQueueOptions options) => new ShuffledIoQueue(new PositionalIoQueue(this, options, "simulated"), seed);

    public override void ReadAt(long offset, Span<byte> buffer)
    {
        Process!.Call(IoKind.TargetRead, Name);
        content.AsSpan((int)offset, buffer.Length).CopyTo(buffer);
    }

    public override void WriteAt(long offset, ReadOnlySpan<byte> buffer)
    {
        Announce(IoKind.TargetWrite, offset, buffer.Length);
        buffer.CopyTo(content.AsSpan((int)offset));
        Soil(offset, buffer.Length);
    }

    public override void WriteZeros(long offset, long length)
    {
        Announce(IoKind.TargetWrite, offset, length);
        content.AsSpan((int)offset, (int)length).Clear();
        Soil(offset, length);
    }

    public override void Flush()
    {
        Announce(IoKind.TargetFlush, 0, Length);
        durable = [.. content];
        dirty.Clear();
    }

    /// <summary>Loses any subset of the sectors that weren't flushed.</summary>
    public void LosePower(Random random)
    {
        foreach (var sector in dirty.Order().Where(_ => random.Next(2) == 0))
        {
            var at = sector * Sector;
            var size = Math.Min(Sector, content.Length - at);
            durable.AsSpan(at, size).CopyTo(content.AsSpan(at));
        }

        durable = [.. content];
        dirty.Clear();
    }

    private void Announce(IoKind call, long offset, long length)
    {
        if (Process!.Call(call, Name) == FaultKind.TargetError)
        {
            throw new DeviceIoException(Name, offset, length, "Writing", SimulatedError.EioNumber, "Input/output error");
        }
    }

    private void Soil(long offset, long length)
    {
        for (var sector = offset / Sector; sector * Sector < offset + length; sector++)
        {
            dirty.Add((int)sector);
        }
    }
}
