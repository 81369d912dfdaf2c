namespace Tidemark.Cli.Json;

/// <summary>The result of <c>unlock</c>.</summary>
internal sealed class UnlockEvent(string chain, string? holder) : ResultEvent("unlock", ExitCodes.Done)
{
    public string Chain => chain;

    public string? Holder => holder;
}
