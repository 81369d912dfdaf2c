using Tidemark.Engine.Io;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Stores;

internal sealed class LinuxStoreFile(string path, FdHandle fd, long length) : LocalStoreFile(path, length)
{
    public override void Dispose() => fd.Dispose();

    public override void Expect(long offset, long length) =>
        _ = Libc.posix_fadvise(fd, offset, length, Libc.POSIX_FADV_WILLNEED);

    protected override unsafe long Read(byte* buffer, int length, long offset) =>
        FileCalls.Read(fd, buffer, (nuint)length, offset);

    protected override TidemarkException Error(string verb, int error) => LocalStoreError.For(verb, Name, error);
}
