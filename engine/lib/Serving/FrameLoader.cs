using Tidemark.Engine.Format;
using Tidemark.Engine.Images;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Packing;
using Tidemark.Engine.Tracing;

namespace Tidemark.Engine.Serving;

/// <summary>Reads and decodes frames of a lineage, one at a time; each thread that loads has one of its own.</summary>
internal sealed class FrameLoader(Lineage lineage) : IDisposable
{
    private readonly FrameDecoder decoder = new();
    private readonly ImageCipher?[] ciphers = new ImageCipher?[lineage.Count];
    private byte[] stored = new byte[ImageFormat.DefaultFrameBytes];
    private FrameRef frame;

    /// <summary>Reads the stored bytes. Null and the plain bytes to make room for, or what is wrong.</summary>
    public string? TryBegin(int layer, in FrameRef reference, out int plainLength)
    {
        plainLength = 0;
        frame = reference;
        var image = lineage[layer];
        if (reference.Length > FrameEncoder.MaxStored(ImageFormat.MaxFrameBytes))
        {
            return "the frame is longer than any frame can be";
        }

        if (stored.Length < reference.Length)
        {
            stored = new byte[FrameEncoder.MaxStored(ImageFormat.MaxFrameBytes)];
        }

        try
        {
            image.ReadPayload(reference.Offset, stored.AsSpan(0, reference.Length));
        }
        catch (TidemarkException e)
        {
            return e.Message;
        }

        // What the frame claims, before any check: only to size the buffer, within the format's bounds.
        var claimed = Layout.U32(stored, 32);
        if (claimed > ImageFormat.MaxFrameBytes)
        {
            return "the frame says that it is larger than any frame can be";
        }

        plainLength = (int)claimed;
        return null;
    }

    /// <summary>Checks, decrypts and decompresses what was read. Null if all is well.</summary>
    public string? Finish(int layer, byte[] plain, out int length)
    {
        var image = lineage[layer];
        if (image.Cipher is not null)
        {
            ciphers[layer] ??= image.Cipher.Clone();
        }

        var began = Tracer.Begin();
        var problem = decoder.Decode(
            stored.AsSpan(0, frame.Length), image.Header.ImageId, image.Header.BlockSize, ciphers[layer], plain, out length);
        if (began != 0)
        {
            Tracer.Log.FrameDecoded(frame.Offset, length, frame.Length, Tracer.Since(began));
        }

        return problem;
    }

    public void Dispose()
    {
        decoder.Dispose();
        foreach (var cipher in ciphers)
        {
            cipher?.Dispose();
        }
    }
}
