namespace Tidemark.Engine.Operations.Hosting;

/// <summary>Where paths that don't begin at the root begin.</summary>
public static class WorkingFolder
{
    /// <summary>Whether its path is text; the runtime takes another path for it where it is other bytes.</summary>
    public static bool IsText => !OperatingSystem.IsLinux() || WorkingFolderCalls.IsText();
}
