using Tidemark.Engine.Format;
using Tidemark.Engine.Images;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Packing;
using Tidemark.Engine.Tracing;

namespace Tidemark.Engine.Pipelines;

/// <summary>Reads and decodes frames of a lineage, one at a time; each thread that loads has one of its own.</summary>
internal sealed class FrameLoader(Lineage lineage) : IDisposable
{
    private readonly FrameDecoder decoder = new();
    private readonly ImageCipher?[] ciphers = new ImageCipher?[lineage.Count];
    private byte[] stored = [];
    private (int Layer, FrameRef Frame, int PlainLength)? begun;

    /// <summary>The block behind the last of the frame that was decoded.</summary>
    public long End
    {
        get
        {
            var ranges = decoder.Ranges;
            for (var i = ranges.Length - 1; i >= 0; i--)
            {
                if (ranges[i].State.IsStored())
                {
                    return ranges[i].First + ranges[i].Count;
                }
            }

            return 0;
        }
    }

    /// <summary>
    /// Reads the stored bytes, if it doesn't hold them already. Null and the plain bytes to make room for, or what is wrong.
    /// </summary>
    /// <exception cref="TidemarkException">The store fails.</exception>
    public string? TryBegin(int layer, in FrameRef reference, out int plainLength)
    {
        if (begun is { } held && held.Layer == layer && held.Frame == reference)
        {
            plainLength = held.PlainLength;
            return null;
        }

        plainLength = 0;
        begun = null;
        if (reference.Length > FrameEncoder.MaxStored(ImageFormat.MaxFrameBytes))
        {
            return "the frame is longer than any frame can be";
        }

        if (stored.Length < reference.Length)
        {
            var usual = Math.Max(ImageFormat.DefaultFrameBytes, lineage.Header.BlockSize);
            stored = GC.AllocateUninitializedArray<byte>(Math.Max(FrameEncoder.MaxStored(usual), reference.Length));
        }

        if (lineage[layer].TryReadPayload(reference.Offset, stored.AsSpan(0, reference.Length)) is { } problem)
        {
            return problem;
        }

        // What the frame claims, before any check: only to size the buffer, within the format's bounds.
        var claimed = Layout.U32(stored, 32);
        if (claimed > ImageFormat.MaxFrameBytes)
        {
            return "the frame says that it is larger than any frame can be";
        }

        plainLength = (int)claimed;
        begun = (layer, reference, plainLength);
        return null;
    }

    /// <summary>Checks, decrypts and decompresses what <see cref="TryBegin"/> read. Null if all is well.</summary>
    public string? Finish(Span<byte> plain, out int length)
    {
        var (layer, frame, _) = begun!.Value;
        begun = null;
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
