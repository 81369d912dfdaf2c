using System.Runtime.InteropServices;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Io;

/// <summary>The names in a folder of this system, byte for byte (<see cref="RawName"/>), in no order.</summary>
internal static unsafe class FolderNames
{
    /// <param name="path">The folder.</param>
    /// <param name="error">Zero, or the error's number; the names are those before it.</param>
    public static List<string> Read(string path, out int error)
    {
        var names = new List<string>();
        var folder = Libc.opendir(path);
        if (folder is null)
        {
            error = Marshal.GetLastPInvokeError();
            return names;
        }

        try
        {
            while (Libc.readdir(folder) is not null and var entry)
            {
                var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry->d_name);
                if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                {
                    names.Add(RawName.Decode(name));
                }
            }

            error = Marshal.GetLastPInvokeError();
            return names;
        }
        finally
        {
            _ = Libc.closedir(folder);
        }
    }
}
