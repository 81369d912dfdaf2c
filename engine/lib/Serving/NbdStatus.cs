using System.Buffers.Binary;
using Tidemark.Engine.Devices.Nbd;

namespace Tidemark.Engine.Serving;

/// <summary>Answers block status: what each context says of a range, one chunk a context.</summary>
internal static class NbdStatus
{
    /// <summary>Ranges of one answer, which a client asks on behind: 32 KiB of an answer.</summary>
    private const int MaxPairs = 4096;

    /// <summary>Steps of one answer, each of which may have to read a region's index.</summary>
    private const int MaxSteps = 4096;

    public static void Answer(
        in NbdRequest request, IReadOnlyList<(uint Id, NbdContext Context)> contexts, NbdReplyWriter replies, NbdBuffer buffer)
    {
        var most = (request.Flags & NbdCommandFlags.ReqOne) != 0 ? 1 : MaxPairs;
        for (var i = 0; i < contexts.Count; i++)
        {
            var pairs = Collect(contexts[i].Context, request, most, buffer.Payload(MaxPairs * 8));
            replies.Status(request.Cookie, contexts[i].Id, pairs, i == contexts.Count - 1, buffer);
        }
    }

    /// <summary>Writes pairs of length and flags, and says how many.</summary>
    private static int Collect(NbdContext context, in NbdRequest request, int most, Span<byte> pairs)
    {
        var offset = (long)request.Offset;
        var end = offset + request.Length;
        var count = 0;
        uint flags = 0;
        uint length = 0;
        for (var steps = 0; offset < end && steps < MaxSteps; steps++)
        {
            var (known, its) = context.At(offset);
            known = Math.Min(known, end - offset);
            if (count == 0 || its != flags)
            {
                if (count == most)
                {
                    break;
                }

                count++;
                flags = its;
                length = 0;
            }

            length += (uint)known;
            offset += known;
            BinaryPrimitives.WriteUInt32BigEndian(pairs[((count - 1) * 8)..], length);
            BinaryPrimitives.WriteUInt32BigEndian(pairs[(((count - 1) * 8) + 4)..], flags);
        }

        return count;
    }
}
