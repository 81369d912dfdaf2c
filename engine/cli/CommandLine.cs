using System.CommandLine;
using System.CommandLine.Help;
using Tidemark.Cli.Json;
using Tidemark.Cli.Output;
using Tidemark.Cli.Verbs;

namespace Tidemark.Cli;

/// <summary>The verbs together: parses the arguments, runs the verb named, and turns its end into an exit code.</summary>
internal static class CommandLine
{
    // Descriptions wider than this are hard to read; narrower terminals wrap by themselves.
    private const int HelpWidth = 110;

    public static int Run(string[] arguments)
    {
        var root = Create();
        // "@" belongs to the names of images, and words after a dash are never several options.
        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
        if (parsed.Errors.Count > 0 && parsed.Action is not { ClearsParseErrors: true })
        {
            return Refuse(parsed, arguments);
        }

        return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    internal static RootCommand Create()
    {
        var root = new RootCommand(
            "Images volumes, keeps what changed, and brings any point in time back, bit for bit.\n\n"
            + "CHAIN is a chain's folder. IMAGE is CHAIN@SEQUENCE, CHAIN@latest, or CHAIN for its newest image;\n"
            + "IMAGE#N is the N-th partition of a disk's image, for restore, export, serve, mount\n"
            + "and verify --against.\n"
            + "Sizes are bytes, or take K, M, G, T in powers of 1024: 16K, 4G.\n\n"
            + "Exit codes: 0 done, 1 failed, 2 wrong use, 3 done but blocks were unreadable, 4 damage found,\n"
            + "5 chain busy, 6 wrong or missing key, 130 interrupted.")
        {
            BackupVerb.Create(),
            ListVerb.Create(),
            ShowVerb.Create(),
            RestoreVerb.Create(),
            ExportVerb.Create(),
            ImportVerb.Create(),
            VerifyVerb.Create(),
            DiffVerb.Create(),
            ServeVerb.Create(),
            SourcesVerb.Create(),
            RepairVerb.Create(),
            HealVerb.Create(),
            KeyVerb.Create(),
            UnlockVerb.Create(),
            MountVerb.Create(),
            UnmountVerb.Create(),
            ListFilesVerb.Create(),
            ExtractVerb.Create(),
            BootCheckVerb.Create(),
            VerbRun.Json,
        };
        foreach (var option in root.Options)
        {
            switch (option)
            {
                case VersionOption version:
                    version.Description = "Show the version";
                    version.Action = new VersionAction();
                    break;
                case HelpOption { Action: HelpAction help }:
                    help.MaxWidth = HelpWidth;
                    break;
            }
        }

        return root;
    }

    private static int Refuse(ParseResult parsed, string[] arguments)
    {
        var command = parsed.CommandResult.Command;
        var verb = command is RootCommand ? null : command.Name;
        var help = verb is null ? "tidemark --help" : $"tidemark {verb} --help";
        // The first error is the cause; what follows it is often its echo.
        var message = $"{parsed.Errors[0].Message.TrimEnd('.')}. '{help}' shows how it is used.";
        using var report = Report.Create(verb, arguments.Contains(VerbRun.JsonName), streams: true);
        report.Fail(new ErrorEvent(verb, ExitCodes.WrongUse, message));
        return ExitCodes.WrongUse;
    }
}
