using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;
using System.Text;

namespace Tidemark.Interop.Linux;

/// <summary>
/// File names are bytes, and needn't be UTF-8. A byte that isn't part of UTF-8 stands in a string as the lone surrogate
/// U+DC00 and the byte (PEP 383, "surrogateescape"); here it becomes the byte again, and all else UTF-8.
/// </summary>
[CustomMarshaller(typeof(string), MarshalMode.ManagedToUnmanagedIn, typeof(FileNameMarshaller))]
public static unsafe class FileNameMarshaller
{
    public static byte* ConvertToUnmanaged(string? managed)
    {
        if (managed is null)
        {
            return null;
        }

        // Three bytes a char at most; a pair of surrogates takes four.
        var start = (byte*)NativeMemory.Alloc(((nuint)managed.Length * 3) + 1);
        var at = start;
        for (var i = 0; i < managed.Length; i++)
        {
            if (managed[i] is >= '\uDC80' and <= '\uDCFF')
            {
                *at++ = (byte)(managed[i] - '\uDC00');
                continue;
            }

            var length = char.IsHighSurrogate(managed[i]) && i + 1 < managed.Length && char.IsLowSurrogate(managed[i + 1]) ? 2 : 1;
            at += Encoding.UTF8.GetBytes(managed.AsSpan(i, length), new Span<byte>(at, 4));
            i += length - 1;
        }

        *at = 0;
        return start;
    }

    public static void Free(byte* unmanaged) => NativeMemory.Free(unmanaged);
}
