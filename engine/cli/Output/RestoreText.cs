using Tidemark.Engine.Operations.Restores;

namespace Tidemark.Cli.Output;

/// <summary>What people read after a restore.</summary>
internal static class RestoreText
{
    public static void Write(TextWriter text, RestoreResult result)
    {
        var resumed = result.Resumed ? ", which was taken up again" : "";
        text.WriteLine($"Image {result.Sequence} of {result.Chain} is restored to {result.Target}{resumed}");
        var rest = (result.ReadBytes > 0, result.FreeBytes > 0) switch
        {
            (true, _) => "the rest as it was or zeros",
            (false, true) => "the rest zeros or free",
            (false, false) => "the rest zeros",
        };
        text.WriteLine(
            $"  {PeopleText.Bytes(result.SourceBytes)}, {PeopleText.Bytes(result.WrittenBytes)} of it written and {rest}, in "
            + $"{PeopleText.Duration(result.Seconds)} ({PeopleText.Rate(result.SourceBytes, result.Seconds)}), "
            + $"{PeopleText.Duration(result.CpuSeconds)} of processor time");
        if (result.FreeBytes > 0)
        {
            text.WriteLine($"  free     {PeopleText.Bytes(result.FreeBytes)} that no file had when the image was made; nothing was written there");
        }

        if (result.Fitted.Count > 0)
        {
            text.WriteLine($"  fitted   to {PeopleText.Bytes(result.TargetBytes)}: {string.Join("; ", result.Fitted)}.");
        }

        foreach (var note in result.Notes)
        {
            text.WriteLine($"  note     {note}.");
        }

        DamageText.Write(text, result.UnreadableBytes, result.Unreadable, result.Damaged);
    }
}
