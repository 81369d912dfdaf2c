using Tidemark.Engine.Io;

namespace Tidemark.Engine.Stores;

/// <summary>A folder whose files are read no faster than a pacer allows; all else goes straight through.</summary>
internal sealed class PacedStoreFolder(StoreFolder folder, RatePacer pacer, CancellationToken cancellation) : StoreFolder
{
    public override string Name => folder.Name;

    public override string ShortName => folder.ShortName;

    public override IReadOnlyList<string> Notes => folder.Notes;

    public override IReadOnlyList<StoreEntry> List() => folder.List();

    public override StoreFile OpenRead(string name) => new PacedFile(folder.OpenRead(name), pacer, cancellation);

    public override StoreWriter Create(string name) => folder.Create(name);

    public override void Rename(string from, string to) => folder.Rename(from, to);

    public override void Delete(string name) => folder.Delete(name);

    public override void Flush() => folder.Flush();

    public override IDisposable? TryLock(out string holder) => folder.TryLock(out holder);

    public override void RequireLock() => folder.RequireLock();

    private sealed class PacedFile(StoreFile file, RatePacer pacer, CancellationToken cancellation) : StoreFile
    {
        public override string Name => file.Name;

        public override long Length => file.Length;

        public override void ReadAt(long offset, Span<byte> buffer)
        {
            pacer.Take(buffer.Length, cancellation);
            file.ReadAt(offset, buffer);
        }

        public override void Expect(long offset, long length) => file.Expect(offset, length);

        public override void Dispose() => file.Dispose();
    }
}
