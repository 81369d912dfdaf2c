using System.ComponentModel;
using Tidemark.Cli;
using Tidemark.Cli.Output;
using Tidemark.Engine.Operations.Hosting;
using Tidemark.Engine.Programs;

try
{
    // Before anything is opened.
    StandardHandles.Ensure();
    StandardStreams.Begin();
    FileSizeLimit.MakeAnError();
    ProcessLimits.Raise();
    if (OperatingSystem.IsWindows())
    {
        // Names of any language, whatever code page the console began with.
        Console.OutputEncoding = new System.Text.UTF8Encoding(false);
    }

    return CommandLine.Run(args);
}
catch (Exception e) when (e is IOException or Win32Exception or OutOfMemoryException)
{
    StandardStreams.Error.WriteLine($"tidemark: The program can't begin: {e.Message}");
    return ExitCodes.Failed;
}
#pragma warning disable CA1031 // The last place: whatever nobody expected ends with a message and a code, not with an abort.
catch (Exception e)
#pragma warning restore CA1031
{
    StandardStreams.Error.WriteLine($"tidemark: Unexpected {e.GetType().Name}: {e.Message} This is a defect; please report it.");
    return ExitCodes.Failed;
}
