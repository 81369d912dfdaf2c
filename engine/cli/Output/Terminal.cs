namespace Tidemark.Cli.Output;

/// <summary>What the terminal can do, if there is one.</summary>
internal static class Terminal
{
    /// <summary>Whether a bar that redraws itself can stand on standard error.</summary>
    public static bool CanShowBar => !Console.IsErrorRedirected && IsCapable;

    /// <summary>Whether tables on standard output are looked at by people.</summary>
    public static bool CanShowTables => !Console.IsOutputRedirected && IsCapable;

    private static bool IsCapable => Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb") || OperatingSystem.IsWindows();
}
