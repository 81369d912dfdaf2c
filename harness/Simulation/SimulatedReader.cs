using Tidemark.Engine;
using Tidemark.Engine.Stores;

namespace Tidemark.Harness.Simulation;

/// <summary>A file of a simulated store, open for reading; it stays readable when it is deleted.</summary>
internal sealed class SimulatedReader(SimulatedProcess process, string path, FileContent content) : StoreFile
{
    public override string Name => path;

    public override long Length { get; } = content.Length;

    public override void ReadAt(long offset, Span<byte> buffer, CancellationToken cancellation)
    {
        var end = (long)content.Length;
        if (process.Call(IoKind.Read, path) == FaultKind.ShortRead)
        {
            end = Math.Min(end, offset + process.Draw.Next(buffer.Length));
        }

        if (offset + buffer.Length > end)
        {
            throw TidemarkException.Damaged(
                $"{path} ends at {end}, where {offset + buffer.Length - end} more bytes were expected. It was cut off: bring it back from a copy.");
        }

        content.Bytes.Slice((int)offset, buffer.Length).CopyTo(buffer);
    }

    public override void Dispose()
    {
    }
}
