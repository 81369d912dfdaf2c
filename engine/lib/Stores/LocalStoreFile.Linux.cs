using Tidemark.Engine.Io;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Stores;

internal sealed class LinuxStoreFile(string path, FdHandle fd, long length) : LocalStoreFile(path, length)
{
    public override void Dispose() => fd.Dispose();

    protected override unsafe long Read(byte* buffer, int length, long offset) =>
        FileCalls.Read(fd, buffer, (nuint)length, offset);

    protected override TidemarkException Error(string verb, int error) => LocalStoreError.For(verb, Name, error);
}
