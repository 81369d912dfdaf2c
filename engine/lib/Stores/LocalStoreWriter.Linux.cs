using Tidemark.Engine.Io;

namespace Tidemark.Engine.Stores;

/// <summary>Takes over <paramref name="file"/>, which is open for writing and empty.</summary>
internal sealed class LinuxStoreWriter(string path, DirectFile file) : LocalStoreWriter(FileIoQueue.Open(file, QueueOptions))
{
    public override bool IsDirect => file.Direct is not null;

    protected override int FlushFile() => -FileCalls.DataSync(file.Buffered);

    protected override void CloseFile() => file.Dispose();

    protected override TidemarkException Error(string verb, int error) => LocalStoreError.For(verb, path, error);
}
