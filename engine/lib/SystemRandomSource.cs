using System.Security.Cryptography;

namespace Tidemark.Engine;

/// <summary>The operating system's cryptographic random numbers: the source of everything but fixtures and simulations.</summary>
internal sealed partial class SystemRandomSource : RandomSource
{
    private SystemRandomSource()
    {
    }

    public static SystemRandomSource Instance { get; } = new();

    public override void Fill(Span<byte> bytes)
    {
        if (OperatingSystem.IsLinux())
        {
            FillFromKernel(bytes);
        }
        else
        {
            // BCryptGenRandom on Windows, which costs nothing to load.
            RandomNumberGenerator.Fill(bytes);
        }
    }
}
