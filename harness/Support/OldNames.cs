using Tidemark.Engine.Format;

namespace Tidemark.Harness.Support;

/// <summary>What Tidemark called files before parts were named by their images, and while a run wrote them.</summary>
internal static class OldNames
{
    public static string Part(long sequence, int part) => ImageNames.Part(sequence, part);

    public static string Temporary(long sequence, int part, Guid image) => $"{Part(sequence, part)}.{image:N}.tmp";
}
