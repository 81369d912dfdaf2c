using System.Text;
using Tidemark.Engine;
using Tidemark.Engine.Format;
using Tidemark.Engine.Images;
using Tidemark.Engine.Stores;

namespace Tidemark.Fuzz.Inputs;

/// <summary>
/// A chain's folder as an input: flags u8 (bit 0: make checksums right), then files of name length u8, name, length u32
/// and bytes.
/// </summary>
internal static class FolderInput
{
    private const int MaxFiles = 12;

    public static MemoryStoreFolder Read(ReadOnlySpan<byte> input)
    {
        var folder = new MemoryStoreFolder("input", "input");
        var digests = new Dictionary<Guid, Reseal.Digests>();
        var reader = new InputReader(input);
        var seal = (reader.Byte() & 1) != 0;
        for (var i = 0; i < MaxFiles && !reader.AtEnd; i++)
        {
            var name = Encoding.UTF8.GetString(reader.Take(reader.Byte()));
            var bytes = reader.Take(reader.U32()).ToArray();
            if (seal)
            {
                Seal(name, bytes, digests);
            }

            try
            {
                using var writer = folder.Create(name);
                writer.Append(bytes);
                writer.Complete();
            }
            catch (TidemarkException)
            {
                // Such a file can't lie in a folder.
                continue;
            }
        }

        return folder;
    }

    /// <summary>The flags and files as an input.</summary>
    public static byte[] Write(bool seal, IEnumerable<(string Name, byte[] Bytes)> files)
    {
        var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(seal ? (byte)1 : (byte)0);
        foreach (var (name, bytes) in files)
        {
            var encoded = Encoding.UTF8.GetBytes(name);
            writer.Write((byte)encoded.Length);
            writer.Write(encoded);
            writer.Write((uint)bytes.Length);
            writer.Write(bytes);
        }

        return stream.ToArray();
    }

    private static void Seal(string name, Span<byte> bytes, Dictionary<Guid, Reseal.Digests> digests)
    {
        if (ImageNames.TryParseAside(name, ImageNames.RepairExtension, out _, out _))
        {
            Reseal.RepairFile(bytes);
        }
        else if (ImageNames.TryParseAside(name, ImageNames.HealingExtension, out _, out _)
            || (ImageNames.TryParse(name, out _, out var part) && part == 0))
        {
            Reseal.Image(bytes, digests);
        }
        else if (ImageNames.TryParse(name, out _, out _))
        {
            Reseal.Part(bytes, digests);
        }
    }
}
