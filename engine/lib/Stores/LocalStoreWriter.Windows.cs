using Tidemark.Engine.Io;

namespace Tidemark.Engine.Stores;

/// <summary>Takes over a file, which is open for writing and empty, with its queue.</summary>
internal sealed class WindowsStoreWriter : LocalStoreWriter
{
    private readonly string path;
    private readonly OverlappedFile file;

    private WindowsStoreWriter(string path, OverlappedFile file, IoQueue queue)
        : base(queue)
    {
        this.path = path;
        this.file = file;
    }

    public override bool IsDirect => file.Direct is not null;

    public static WindowsStoreWriter Open(string path, OverlappedFile file)
    {
        var queue = OverlappedIoQueue.TryOpen(file, QueueOptions, out var error);
        return queue is null ? throw WindowsStoreError.For("write", path, error) : new WindowsStoreWriter(path, file, queue);
    }

    protected override int FlushFile() => WindowsFileCalls.Flush(file.Buffered);

    protected override void CloseFile() => file.Dispose();

    protected override TidemarkException Error(string verb, int error) => WindowsStoreError.For(verb, path, error);
}
