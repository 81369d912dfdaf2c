using Tidemark.Engine.Operations.BootChecks;

namespace Tidemark.Cli.Output;

/// <summary>How an image booted, for people.</summary>
internal static class BootCheckText
{
    public static void Write(TextWriter text, BootCheckResult result)
    {
        var machine = $"{(result.Efi ? "EFI" : "BIOS")}, {(result.Accelerator == "tcg" ? "emulated" : result.Accelerator)}";
        text.WriteLine(result.Alive
            ? $"{result.Chain}@{result.Sequence} lives: {result.Sign}, after {PeopleText.Duration(result.Seconds)} ({machine})."
            : $"{result.Chain}@{result.Sequence} doesn't boot: {result.Reason}, after {PeopleText.Duration(result.Seconds)} ({machine}).");
        text.WriteLine($"The guest read {PeopleText.Bytes(result.GuestReadBytes)} of its disk and wrote {PeopleText.Bytes(result.GuestWrittenBytes)}.");
        if (result.Screenshot is { } screenshot)
        {
            text.WriteLine($"Its last screen is in {screenshot}.");
        }

        if (!result.Alive && result.Console.Count > 0)
        {
            text.WriteLine("The console's last lines:");
            foreach (var line in result.Console)
            {
                text.WriteLine($"  {line}");
            }
        }
    }
}
