using Tidemark.Engine.Operations.Healing;

namespace Tidemark.Cli.Output;

/// <summary>What people read after a healing.</summary>
internal static class HealText
{
    public static void Write(TextWriter text, HealResult result)
    {
        foreach (var image in result.Images)
        {
            if (image.DamagedBytes > 0)
            {
                var healed = image.HealedBytes == image.DamagedBytes ? "all" : $"{PeopleText.Bytes(image.HealedBytes)} of";
                text.WriteLine(
                    $"image {image.Sequence}: {healed} {PeopleText.Bytes(image.DamagedBytes)} of damage "
                    + (image.File is null ? "could be healed" : $"are healed, in {image.File}"));
            }

            foreach (var replaced in image.Replaced)
            {
                text.WriteLine($"image {image.Sequence}: {replaced} was damaged itself; it is replaced and deleted");
            }

            if (image.Left.Count > 0)
            {
                text.WriteLine($"  DAMAGED  bytes {PeopleText.Ranges(image.Left)} stay damaged: {Reason(image)}");
            }
        }

        foreach (var note in result.Notes)
        {
            text.WriteLine($"note: {note}");
        }

        if (result.Images.Count == 0 && !result.LeavesDamage)
        {
            text.WriteLine($"{result.Chain} has no damaged block that isn't healed already.");
        }
    }

    private static string Reason(HealedImage image)
    {
        var changed = image.Differs > 0 ? $"{PeopleText.Bytes(image.Differs)} differ in the source by now, or can't be read there" : null;
        var unknown = image.Unknown > 0 ? $"the hashes of {PeopleText.Bytes(image.Unknown)} are lost, so nothing proves what they held" : null;
        return string.Join("; ", new[] { changed, unknown }.OfType<string>());
    }
}
