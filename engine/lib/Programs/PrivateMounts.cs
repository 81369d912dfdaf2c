using System.Globalization;

namespace Tidemark.Engine.Programs;

/// <summary>
/// Mounts that only this process and what it starts can see, and that the kernel takes away with the last of them, however
/// they end. Linux only, and root's alone; elsewhere nothing changes.
/// </summary>
internal static class PrivateMounts
{
    /// <summary>Says to this program, started anew, that it has its own mounts; by its number, which stays.</summary>
    private const string Variable = "TIDEMARK_PRIVATE_MOUNTS";

    /// <summary>Whether this process has mounts of its own: what it unmounts stays mounted for all others.</summary>
    public static bool AreEntered => Environment.GetEnvironmentVariable(Variable) == Self;

    private static string Self => Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    /// <summary>
    /// Goes on in mounts of its own: where this process has none yet, it starts this program anew in its place, with the same
    /// arguments, so it comes first of all that a verb does. Where the system doesn't give any, it returns as well.
    /// </summary>
    /// <param name="needed">
    /// Absolute paths without links that the run needs, beside those of the system: what is mounted elsewhere isn't kept, lest a
    /// disk stay mounted here that somebody else takes out.
    /// </param>
    public static void Enter(IReadOnlyList<string> needed)
    {
        if (OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && !AreEntered)
        {
            PrivateMountCalls.StartAnew(Variable, Self, needed, RemoveDiagnosticsPort);
        }
    }

    // The runtime's own, named by the process: the next one of the same process would find it taken, and nobody removes it.
    private static void RemoveDiagnosticsPort()
    {
        try
        {
            foreach (var socket in Directory.EnumerateFiles(Path.GetTempPath(), $"dotnet-diagnostic-{Environment.ProcessId}-*-socket"))
            {
                File.Delete(socket);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then there is none.
        }
    }
}
