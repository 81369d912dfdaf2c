using Tidemark.Engine.Files;
using Tidemark.Engine.Io;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Operations.Hosting;

/// <summary>The Linux calls behind <see cref="WorkingFolder"/>.</summary>
internal static unsafe class WorkingFolderCalls
{
    public static bool IsText()
    {
        var path = stackalloc byte[FileTree.MaxTarget];
        var length = (int)Libc.readlink("/proc/self/cwd", path, FileTree.MaxTarget);
        return length < 0 || RawName.IsText(RawName.Decode(new ReadOnlySpan<byte>(path, length)));
    }
}
