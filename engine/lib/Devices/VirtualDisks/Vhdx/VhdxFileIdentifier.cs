using System.Text;

namespace Tidemark.Engine.Devices.VirtualDisks.Vhdx;

/// <summary>What a VHDX begins with: its signature and who made it ([MS-VHDX] 2.2.1).</summary>
internal static class VhdxFileIdentifier
{
    /// <summary>Bytes of the structure.</summary>
    public const int Size = 520;

    /// <summary>UTF-16 characters of the creator's name at most.</summary>
    private const int MaxCreator = 256;

    private static ReadOnlySpan<byte> Signature => "vhdxfile"u8;

    public static void Write(Span<byte> destination, string creator)
    {
        destination = destination[..Size];
        destination.Clear();
        Signature.CopyTo(destination);
        Encoding.Unicode.GetBytes(creator.AsSpan(0, Math.Min(creator.Length, MaxCreator)), destination[Signature.Length..]);
    }
}
