using System.CommandLine;
using System.CommandLine.Help;
using Tidemark.Cli.Arguments;
using Tidemark.Cli.Json;
using Tidemark.Cli.Output;
using Tidemark.Cli.Verbs;

namespace Tidemark.Cli;

/// <summary>The verbs together: parses the arguments, runs the verb named, and turns its end into an exit code.</summary>
internal static class CommandLine
{
    /// <summary>Before a verb it means the same as the option behind it.</summary>
    private const string HelpVerb = "help";

    private const string HelpName = "--help";

    public static int Run(string[] arguments)
    {
        arguments = RawArguments.Of(arguments);
        var root = Create();
        if (arguments is [HelpVerb, ..])
        {
            arguments = [.. arguments[1..], HelpName];
        }

        if (arguments.All(a => a is VerbRun.JsonName or VerbRun.QuietName))
        {
            return ShowVerbs(root, json: arguments.Contains(VerbRun.JsonName));
        }

        if (ArgumentCheck.Problem(root, arguments, out var verb) is { } problem)
        {
            return Refuse(verb?.Name, problem, arguments);
        }

        // "@" belongs to the names of images, and words after a dash are never several options.
        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
        if (parsed.Errors.Count > 0 && parsed.Action is not { ClearsParseErrors: true })
        {
            var command = parsed.CommandResult.Command;
            // The first error is the cause; what follows it is often its echo.
            return Refuse(command is RootCommand ? null : command.Name, parsed.Errors[0].Message, arguments);
        }

        if (parsed.CommandResult.Command != root && parsed.Action is not HelpAction && RawArguments.Problem(parsed) is { } raw)
        {
            return Refuse(parsed.CommandResult.Command.Name, raw, arguments);
        }

        using var output = StandardStreams.Text(StandardStreams.Output);
        return parsed.Invoke(new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
            Output = output,
            Error = StandardStreams.Error,
        });
    }

    internal static RootCommand Create()
    {
        var root = new RootCommand(
            "Tidemark makes images of disks and volumes, keeps what changed, and brings any image back, bit for bit.\n\n"
            + "STORE is a folder of chains, CHAIN a folder with the images of one source. IMAGE is CHAIN@3 for its image 3, CHAIN@latest or "
            + "CHAIN for its newest, CHAIN@yesterday, CHAIN@2026-11-27 or CHAIN@2026-11-27T12:00 for the newest by then. "
            + "IMAGE#N is the N-th partition of a disk's image, for restore, export, serve, mount and verify --against. "
            + "Sizes are bytes, or take K, M, G, T in powers of 1024: 16K, 4G.\n\n"
            + "Exit codes: 0 done, 1 failed, 2 wrong use, 3 done but blocks were unreadable, 4 damage found, "
            + "5 chain busy, 6 wrong or missing key, 7 verified without the key, 130 interrupted.")
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
            VerbRun.Quiet,
        };
        foreach (var option in root.Options)
        {
            switch (option)
            {
                case VersionOption version:
                    version.Description = "Show the version";
                    version.Action = new VersionAction();
                    break;
                case HelpOption help:
                    help.Description = "Show the verbs, or how a verb is used";
                    help.Action = new HelpAction(root);
                    if (!OperatingSystem.IsWindows())
                    {
                        // Names of files elsewhere.
                        help.Aliases.Remove("/h");
                        help.Aliases.Remove("/?");
                    }

                    break;
            }
        }

        return root;
    }

    /// <summary>What somebody sees who gives no verb: wrong use, but most likely the wish to know which there are.</summary>
    private static int ShowVerbs(RootCommand root, bool json)
    {
        if (json)
        {
            return Refuse(null, "No verb is given", [VerbRun.JsonName]);
        }

        HelpText.WriteOverview(StandardStreams.Error, root, Terminal.Width);
        return ExitCodes.WrongUse;
    }

    private static int Refuse(string? verb, string problem, string[] arguments)
    {
        var help = verb is null ? "tidemark --help" : $"tidemark {verb} --help";
        var message = $"{(problem.EndsWith('?') || problem.EndsWith(')') ? problem : problem.TrimEnd('.') + ".")} '{help}' shows how it is used.";
        using var report = Report.Create(verb, ArgumentCheck.Has(arguments, VerbRun.JsonName), streams: true);
        report.Fail(new ErrorEvent(verb, ExitCodes.WrongUse, message));
        return ExitCodes.WrongUse;
    }
}
