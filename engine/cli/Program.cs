return Tidemark.Cli.CommandLine.Run(args);
