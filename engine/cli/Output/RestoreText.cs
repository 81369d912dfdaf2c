using Tidemark.Engine.Operations;

namespace Tidemark.Cli.Output;

/// <summary>What people read after a restore.</summary>
internal static class RestoreText
{
    public static void Write(TextWriter text, RestoreResult result)
    {
        text.WriteLine($"Image {result.Sequence} of {result.Chain} is restored to {result.Target}");
        var rest = result.ReadBytes > 0 ? "the rest as it was or zeros" : "the rest zeros";
        text.WriteLine(
            $"  {PeopleText.Bytes(result.SourceBytes)}, {PeopleText.Bytes(result.WrittenBytes)} of it written and {rest}, in "
            + $"{PeopleText.Duration(result.Seconds)} ({PeopleText.Rate(result.SourceBytes, result.Seconds)}), "
            + $"{PeopleText.Duration(result.CpuSeconds)} of processor time");
        DamageText.Write(text, result.UnreadableBytes, result.Unreadable, result.Damaged);
    }
}
