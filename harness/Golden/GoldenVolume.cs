using Tidemark.Engine;
using Tidemark.Engine.Devices;

namespace Tidemark.Harness.Golden;

/// <summary>A small volume whose content at every point in time follows from a number, for ever.</summary>
internal sealed class GoldenVolume(ulong seed, int length)
{
    private const string Text = "High water at the harbour bar, low water at the old mole; the tide leaves its mark and goes. ";

    // Not System.Random: its sequence is the runtime's, and these files outlive runtimes.
    private readonly SeededRandomSource random = new(seed);

    public MemoryDevice Device { get; } = new(length);

    /// <summary>Writes text, which compresses, a different piece each time.</summary>
    public void WriteText(int offset, int bytes)
    {
        var start = Next(Text.Length);
        var content = new byte[bytes];
        for (var i = 0; i < content.Length; i++)
        {
            // A number every now and then keeps the pages different from each other.
            content[i] = i % 97 == 0 ? (byte)('0' + Next(10)) : (byte)Text[(start + i) % Text.Length];
        }

        Device.WriteAt(offset, content);
    }

    /// <summary>Writes noise, which doesn't compress.</summary>
    public void WriteNoise(int offset, int bytes)
    {
        var content = new byte[bytes];
        random.Fill(content);
        Device.WriteAt(offset, content);
    }

    public void WriteZeros(int offset, int bytes) => Device.WriteAt(offset, new byte[bytes]);

    private int Next(int below)
    {
        Span<byte> draw = stackalloc byte[1];
        random.Fill(draw);
        return draw[0] % below;
    }
}
