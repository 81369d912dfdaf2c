namespace Tidemark.Engine.Programs;

/// <summary>
/// The three standard streams of a program that was started without some of them (<c>&gt;&amp;-</c> in a shell, some cron
/// daemons): the next file that is opened would get the number of a missing one, and what is written to standard output
/// would go into an image.
/// </summary>
public static class StandardHandles
{
    /// <summary>
    /// Puts the null device where a stream is missing; to be called before anything is opened. Where the runtime has
    /// already taken the number for itself, the program begins anew with the null device there. On Windows streams have
    /// handles that no file gets, and nothing is done.
    /// </summary>
    public static void Ensure()
    {
        if (OperatingSystem.IsLinux())
        {
            StandardHandleCalls.Ensure();
        }
    }
}
