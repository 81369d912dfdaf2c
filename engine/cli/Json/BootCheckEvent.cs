using Tidemark.Engine.Operations.BootChecks;

namespace Tidemark.Cli.Json;

/// <summary>The result of <c>bootcheck</c>.</summary>
internal sealed class BootCheckEvent(BootCheckResult result, int exitCode) : ResultEvent("bootcheck", exitCode)
{
    public string Chain => result.Chain;

    public long Sequence => result.Sequence;

    public bool Alive => result.Alive;

    public string? Sign => result.Sign;

    public string? Reason => result.Reason;

    public string Firmware => result.Efi ? "efi" : "bios";

    public string Accelerator => result.Accelerator;

    public int Resets => result.Resets;

    public long GuestReadBytes => result.GuestReadBytes;

    public long GuestWrittenBytes => result.GuestWrittenBytes;

    public IReadOnlyList<string> Console => result.Console;

    public string? Screenshot => result.Screenshot;

    public double Seconds => JsonShapes.Seconds(result.Seconds);
}
