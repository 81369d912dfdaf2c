using Tidemark.Engine;
using Tidemark.Engine.Stores;
using Tidemark.Engine.Stores.Layers;

namespace Tidemark.Harness.Support;

/// <summary>A store's folder in whose files ranges can't be read, as on a medium that fails.</summary>
internal sealed class FailingFolder(StoreFolder folder) : LayeredFolder(folder)
{
    private readonly List<(string Name, long First, long End)> bad = [];

    /// <summary>Reads of this range fail from now on.</summary>
    public void Fail(string name, long offset, long length) => bad.Add((name, offset, offset + length));

    public override StoreFile OpenRead(string name) => new FailingFile(Behind.OpenRead(name), [.. bad.Where(b => b.Name == name)]);

    private sealed class FailingFile(StoreFile file, List<(string Name, long First, long End)> bad) : LayeredFile(file)
    {
        public override void ReadAt(long offset, Span<byte> buffer, CancellationToken cancellation)
        {
            foreach (var (_, first, end) in bad)
            {
                if (offset < end && offset + buffer.Length > first)
                {
                    throw new TidemarkException(TidemarkError.Damaged, $"Could not read {Name}: Input/output error.");
                }
            }

            Behind.ReadAt(offset, buffer, cancellation);
        }
    }
}
