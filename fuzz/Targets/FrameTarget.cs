using Tidemark.Engine.Format;
using Tidemark.Engine.Packing;
using Tidemark.Fuzz.Inputs;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Targets;

/// <summary>
/// A frame's header and its whole decoding, in all codecs. The input is the logarithm of the block size u8, the bytes of
/// the plain buffer in KiB u16, then the frame.
/// </summary>
internal static class FrameTarget
{
    private static readonly GuardedMemory Stored = new(FrameEncoder.MaxStored(ImageFormat.MaxFrameBytes));
    private static readonly GuardedMemory Plain = new(ImageFormat.MaxFrameBytes);
    private static readonly FrameDecoder Decoder = new();

    internal static void Run(ReadOnlySpan<byte> input)
    {
        var reader = new InputReader(input);
        var blockSize = 1 << (12 + (reader.Byte() % 9));
        var plain = Plain.Take(Math.Min(reader.U16() << 10, ImageFormat.MaxFrameBytes));
        var frame = reader.Rest();
        _ = Decoder.Decode(Stored.Copy(frame), Id(frame), blockSize, null, plain, out _);
        var stored = Stored.Copy(frame);
        Reseal.Frame(stored);
        if (Decoder.Check(stored, Id(frame), blockSize, out var header) is null)
        {
            var end = 0L;
            foreach (var range in Decoder.Ranges)
            {
                FindException.Unless(range.First >= end && range.Count > 0 && range.End <= ImageFormat.MaxSourceBytes, $"Range {range} is out of order.");
                end = range.End;
            }

            FindException.Unless(header.PlainLength <= ImageFormat.MaxFrameBytes && header.StoredLength == stored.Length, "A frame is too long.");
        }

        var problem = Decoder.Decode(stored, Id(frame), blockSize, null, plain, out var length);
        FindException.Unless(problem is not null || length <= plain.Length, "A frame is longer than its buffer.");
    }

    private static Guid Id(ReadOnlySpan<byte> frame) => frame.Length < FrameHeader.FixedSize ? default : Layout.Guid(frame, 8);
}
