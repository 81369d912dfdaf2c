using Tidemark.Engine;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Restores;

namespace Tidemark.Cli.Output;

/// <summary>What people read of content that couldn't be brought back, after a restore or an export.</summary>
internal static class DamageText
{
    public static void Write(TextWriter text, long unreadableBytes, IReadOnlyList<ByteRange> unreadable, IReadOnlyList<DamagedRange> damaged)
    {
        if (unreadableBytes > 0)
        {
            text.WriteLine(
                $"  UNREADABLE  {PeopleText.Bytes(unreadableBytes)} could not be read when the image was made: bytes "
                + $"{PeopleText.Ranges(unreadable)}.");
        }

        foreach (var damage in damaged)
        {
            text.WriteLine(
                $"  DAMAGED  bytes {PeopleText.Ranges([new ByteRange(damage.Offset, damage.Length)])} are zeros now: image "
                + $"{damage.Sequence}: {damage.Reason}");
        }

        if (damaged.Count > 0)
        {
            text.WriteLine("  The rest is whole. 'tidemark verify' tells which images can be restored without loss.");
        }
    }
}
