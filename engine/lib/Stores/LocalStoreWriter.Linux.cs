using Tidemark.Engine.Devices.Queues;
using Tidemark.Engine.Io;

namespace Tidemark.Engine.Stores;

/// <summary>Takes over <paramref name="file"/>, which is open for writing and empty.</summary>
internal sealed class LinuxStoreWriter(string temporary, string name, DirectFile file, LinuxStoreFolder folder)
    : LocalStoreWriter(FileIoQueue.Open(file, QueueOptions))
{
    public override bool IsDirect => file.TakesDirect;

    protected override int FlushFile()
    {
        if (file.Note is { } note)
        {
            folder.AddNote($"{folder.Name} is written through the page cache: {note}.");
        }

        var result = folder.Calls.FlushFile(file.Buffered);
        if (!LocalStoreError.IsRefusal(result))
        {
            return -result;
        }

        folder.AddNote(
            $"{folder.Name}: the file system refuses to flush files ({FileCalls.Reason(-result)}), so a power failure soon after a run may take its image.");
        return 0;
    }

    protected override void CloseFile() => file.Dispose();

    protected override StoreFile OpenTemporary() => folder.OpenRead(temporary);

    protected override void Publish(bool withNext) => folder.Publish(temporary, name, withNext);

    protected override void Discard() => folder.Discard(temporary);

    protected override TidemarkException Error(string verb, int error) =>
        LocalStoreError.For(verb, Path.Combine(folder.Name, name), error);
}
