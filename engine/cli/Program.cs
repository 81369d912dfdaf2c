if (OperatingSystem.IsWindows())
{
    // Names of any language, whatever code page the console began with.
    Console.OutputEncoding = new System.Text.UTF8Encoding(false);
}

Tidemark.Engine.Operations.ProcessLimits.Raise();
return Tidemark.Cli.CommandLine.Run(args);
