using Tidemark.Engine;
using Tidemark.Engine.Stores;

namespace Tidemark.Harness.Support;

/// <summary>A store's folder in whose files ranges can't be read, as on a medium that fails.</summary>
internal sealed class FailingFolder(StoreFolder folder) : StoreFolder
{
    private readonly List<(string Name, long First, long End)> bad = [];

    public override string Name => folder.Name;

    public override string ShortName => folder.ShortName;

    /// <summary>Reads of this range fail from now on.</summary>
    public void Fail(string name, long offset, long length) => bad.Add((name, offset, offset + length));

    public override IReadOnlyList<StoreEntry> List() => folder.List();

    public override StoreFile OpenRead(string name) => new FailingFile(folder.OpenRead(name), [.. bad.Where(b => b.Name == name)]);

    public override StoreWriter Create(string name) => folder.Create(name);

    public override void Rename(string from, string to) => folder.Rename(from, to);

    public override void Delete(string name) => folder.Delete(name);

    public override void Flush() => folder.Flush();

    public override IDisposable? TryLock(out string holder) => folder.TryLock(out holder);

    private sealed class FailingFile(StoreFile file, List<(string Name, long First, long End)> bad) : StoreFile
    {
        public override string Name => file.Name;

        public override long Length => file.Length;

        public override void ReadAt(long offset, Span<byte> buffer)
        {
            foreach (var (_, first, end) in bad)
            {
                if (offset < end && offset + buffer.Length > first)
                {
                    throw new TidemarkException(TidemarkError.Damaged, $"Could not read {file.Name}: Input/output error.");
                }
            }

            file.ReadAt(offset, buffer);
        }

        public override void Dispose() => file.Dispose();
    }
}
