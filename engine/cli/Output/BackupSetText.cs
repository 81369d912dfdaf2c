using Tidemark.Engine.Operations.Backups;

namespace Tidemark.Cli.Output;

/// <summary>What people read after a backup of several sources, each of which was told of already.</summary>
internal static class BackupSetText
{
    public static void Write(TextWriter text, BackupSetResult result)
    {
        text.WriteLine(
            $"{PeopleText.Count(result.Images.Count, "image")} of {PeopleText.Count(result.Images.Count + result.Failed.Count, "source")} "
            + $"in {PeopleText.Duration(result.Seconds)}");
        foreach (var note in result.Notes)
        {
            text.WriteLine($"  note     {note}");
        }

        foreach (var failed in result.Failed)
        {
            text.WriteLine($"  FAILED   {failed.Source}: {AdviceText.With(failed.Reason, failed.Advice)}");
        }
    }
}
