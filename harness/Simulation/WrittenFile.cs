using Tidemark.Engine.Devices;

namespace Tidemark.Harness.Simulation;

/// <summary>A file that is being written, as the device of a queue: where writes go astray.</summary>
internal sealed class WrittenFile(SimulatedProcess process, FolderContent folder, FileContent content) : BlockDevice
{
    private byte[] last = [];

    public override string Name => "simulated file";

    public override DeviceGeometry Geometry => new(long.MaxValue / 2, 512, 4096, 1, 1);

    public override bool CanWrite => true;

    public override void ReadAt(long offset, Span<byte> buffer) => throw new NotSupportedException();

    public override void WriteAt(long offset, ReadOnlySpan<byte> buffer)
    {
        switch (process.Call(IoKind.Write, Name))
        {
            case null:
                content.Write(offset, buffer);
                break;
            case FaultKind.MisdirectedWrite:
                process.Disk.IsDishonest = true;
                Misdirect(buffer);
                break;
            case FaultKind.RepeatedWrite:
                process.Disk.IsDishonest = true;
                content.Write(offset, last.Length >= buffer.Length ? last.AsSpan(0, buffer.Length) : buffer);
                break;
            case FaultKind.NoSpace:
                // A short write first, as a file system that fills up has it.
                content.Write(offset, buffer[..(process.Draw.Next(buffer.Length) / 512 * 512)]);
                throw new DeviceIoException(Name, offset, buffer.Length, "Writing", SimulatedError.EnospcNumber, "No space left on device");
            default:
                throw new DeviceIoException(Name, offset, buffer.Length, "Writing", SimulatedError.EioNumber, "Input/output error");
        }

        last = buffer.ToArray();
    }

    public override void Flush()
    {
        if (process.Call(IoKind.FlushFile, Name) == FaultKind.LyingFlush)
        {
            process.Disk.HasLied = true;
            return;
        }

        content.Flush();
    }

    // Somewhere in its own file, or over a piece of another one of the folder; where it belongs nothing is written.
    private void Misdirect(ReadOnlySpan<byte> buffer)
    {
        var random = process.Draw;
        var others = folder.Files.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => f.Value).Where(f => f.Length >= 512).ToList();
        var target = others.Count == 0 ? content : others[random.Next(others.Count)];
        var room = Math.Max(0, target.Length - buffer.Length);
        var wasClean = !target.IsDirty;
        var size = Math.Min(buffer.Length, Math.Max(target.Length, 512));
        target.Write(random.Next(room + 1) / 512 * 512, buffer[..size]);
        if (wasClean)
        {
            target.Flush();
        }
    }
}
