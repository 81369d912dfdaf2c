using System.Buffers.Binary;
using Tidemark.Engine.Booting;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Targets;

/// <summary>The dump of a guest's screen, of which a PNG is made.</summary>
internal static class ScreenTarget
{
    private const int SizeAt = 16;

    internal static void Run(ReadOnlySpan<byte> input)
    {
        using var png = new MemoryStream();
        if (Screenshot.TryWritePng(input, png))
        {
            var size = png.ToArray().AsSpan(SizeAt);
            var pixels = (long)BinaryPrimitives.ReadInt32BigEndian(size) * BinaryPrimitives.ReadInt32BigEndian(size[4..]);
            FindException.Unless(pixels > 0 && 3 * pixels <= input.Length, $"{pixels} pixels were made of {input.Length} bytes.");
        }
        else
        {
            FindException.Unless(png.Length == 0, "A dump is refused after its picture was begun.");
        }
    }
}
