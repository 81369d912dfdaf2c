using Microsoft.Win32.SafeHandles;
using Tidemark.Engine.Io;

namespace Tidemark.Engine.Stores;

internal sealed class WindowsStoreFile(string path, SafeFileHandle file, long length) : LocalStoreFile(path, length)
{
    public override void Dispose() => file.Dispose();

    protected override unsafe long Read(byte* buffer, int length, long offset) =>
        WindowsFileCalls.Read(file, buffer, (uint)length, offset);

    protected override TidemarkException Error(string verb, int error) => WindowsStoreError.For(verb, Name, error);
}
