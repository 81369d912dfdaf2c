namespace Tidemark.Cli.Json;

/// <summary>The result of <c>key</c>.</summary>
internal sealed class KeyEvent(string chain, string file) : ResultEvent("key", ExitCodes.Done)
{
    public string Chain => chain;

    public string File => file;
}
