using Tidemark.Engine.Devices.Queues;
using Tidemark.Engine.Io;

namespace Tidemark.Engine.Stores;

/// <summary>Takes over a file, which is open for writing and empty, with its queue.</summary>
internal sealed class WindowsStoreWriter : LocalStoreWriter
{
    private readonly string temporary;
    private readonly string name;
    private readonly OverlappedFile file;
    private readonly WindowsStoreFolder folder;

    private WindowsStoreWriter(string temporary, string name, OverlappedFile file, IoQueue queue, WindowsStoreFolder folder)
        : base(queue)
    {
        this.temporary = temporary;
        this.name = name;
        this.file = file;
        this.folder = folder;
    }

    public override bool IsDirect => file.TakesDirect;

    public static WindowsStoreWriter Open(string temporary, string name, OverlappedFile file, WindowsStoreFolder folder)
    {
        var queue = OverlappedIoQueue.TryOpen(file, QueueOptions, out var error);
        return queue is null
            ? throw WindowsStoreError.For("write", Path.Combine(folder.Name, name), error)
            : new WindowsStoreWriter(temporary, name, file, queue, folder);
    }

    protected override int FlushFile()
    {
        if (file.Note is { } note)
        {
            folder.AddNote($"{folder.Name} is written through the cache: {note}.");
        }

        var error = WindowsFileCalls.Flush(file.Buffered);
        if (!WindowsFileCalls.IsMissing(error))
        {
            return error;
        }

        folder.AddNote(
            $"{folder.Name}: the file system refuses to flush files ({WindowsFileCalls.Reason(error)}), so a power failure soon after a run may take its image.");
        return 0;
    }

    protected override void CloseFile() => file.Dispose();

    protected override StoreFile OpenTemporary() => folder.OpenRead(temporary);

    protected override void Publish(bool withNext) => folder.Publish(temporary, name, withNext);

    protected override void Discard() => folder.Discard(temporary);

    protected override TidemarkException Error(string verb, int error) =>
        WindowsStoreError.For(verb, Path.Combine(folder.Name, name), error);
}
