using Tidemark.Engine.Io;

namespace Tidemark.Engine.Operations.Hosting;

/// <summary>What the system allows a process, for programs that are the engine's alone.</summary>
public static class ProcessLimits
{
    /// <summary>Raises the limit of open files as far as the process may by itself; chains have many, and servers many clients.</summary>
    public static void Raise()
    {
        if (OperatingSystem.IsLinux())
        {
            DescriptorLimit.Raise();
        }
    }
}
