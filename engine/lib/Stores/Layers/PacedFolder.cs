using Tidemark.Engine.Io;

namespace Tidemark.Engine.Stores.Layers;

/// <summary>A folder whose objects are read no faster than a pacer allows; all else goes straight through.</summary>
internal sealed class PacedFolder(StoreFolder folder, RatePacer pacer, CancellationToken cancellation) : LayeredFolder(folder)
{
    public override StoreFile OpenRead(string name) => new PacedFile(Behind.OpenRead(name), pacer, cancellation);

    private sealed class PacedFile(StoreFile file, RatePacer pacer, CancellationToken cancellation) : LayeredFile(file)
    {
        public override void ReadAt(long offset, Span<byte> buffer, CancellationToken reading)
        {
            pacer.Take(buffer.Length, cancellation);
            Behind.ReadAt(offset, buffer, reading);
        }
    }
}
