using System.Text;
using Tidemark.Engine.Format;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Targets;

/// <summary>The copy of a header's page in metadata, in base64 and before it is encoded.</summary>
internal static class HeaderCopyTarget
{
    internal static void Run(ReadOnlySpan<byte> input)
    {
        Check(Encoding.UTF8.GetString(input));
        Check(Convert.ToBase64String(input));
    }

    private static void Check(string text)
    {
        if (HeaderCopy.TryRead(text) is { } page)
        {
            FindException.Unless(page.Length == ImageFormat.HeaderSize, $"A page has {page.Length} bytes.");
            var again = HeaderCopy.TryRead(HeaderCopy.Write(page));
            FindException.Unless(again is not null && page.AsSpan().SequenceEqual(again), "A page changes when it is copied again.");
        }
    }
}
