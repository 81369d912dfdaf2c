using System.CommandLine;
using Tidemark.Cli.Arguments;
using Tidemark.Cli.Json;
using Tidemark.Cli.Output;
using Tidemark.Cli.Tracing;
using Tidemark.Engine;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Snapshots;

namespace Tidemark.Cli.Verbs;

/// <summary><c>tidemark backup SOURCE… --to STORE</c>: images sources, each into its chain.</summary>
internal static class BackupVerb
{
    private static readonly Argument<string[]> Sources = new("SOURCE")
    {
        Description = "A disk, partition, volume (C:), file, VHD, VHDX or NBD address; VSS holds all volumes of a run at one point in time",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string> To = new("--to")
    {
        Description = "The store, which is made if it isn't there; or a chain's own folder",
        HelpName = "STORE",
        Required = true,
    };

    private static readonly Option<string?> Chain = new("--chain")
    {
        Description = "Name of the chain, for a source with several chains",
        HelpName = "NAME",
    };

    private static readonly Option<BackupKind?> Kind = Choice.Option(
        "--kind", "All data, or what changed since the newest image (incremental) or the newest full image (differential); auto is full for a new chain, else incremental",
        ("auto", BackupKind.Auto), ("full", BackupKind.Full), ("incremental", BackupKind.Incremental),
        ("differential", BackupKind.Differential));

    private static readonly Option<long?> BlockSize = SizeText.Option(
        "--block-size", $"Size of a new chain's blocks, 4K to 1M [default: {Backup.DefaultBlockSize / 1024}K]");

    private static readonly Option<HashAlgorithm?> Hash = Choice.Option(
        "--hash", "Identity hash of a new chain [default: xxh128, encrypted: blake3]",
        ("xxh128", HashAlgorithm.Xxh128), ("blake3", HashAlgorithm.Blake3));

    private static readonly Option<Codec?> Compress = Choice.Option(
        "--compress", "Compression of this image [default: zstd]", ("zstd", Codec.Zstd), ("lz4", Codec.Lz4), ("none", Codec.None));

    private static readonly Option<int?> Level = Choice.Number("--level", "Compression level: zstd 1 to 19, lz4 1 to 12");

    private static readonly Option<long?> Split = SizeText.Option("--split", "Split the image into files of at most this size, for example 4G");

    private static readonly Option<int?> QueueDepth = Choice.Number("--queue-depth", "Reads in flight, 1 to 256");

    private static readonly Option<long?> RequestSize = SizeText.Option("--request-size", "Size of one read, 64K to 16M");

    private static readonly Option<SnapshotMode?> Snapshot = Choice.Option(
        "--snapshot", "What holds the source still: auto is vss for a volume of Windows, else none; held says that you hold it [default: auto]",
        ("auto", SnapshotMode.Auto), ("vss", SnapshotMode.Vss), ("none", SnapshotMode.None), ("held", SnapshotMode.Held));

    private static readonly Option<VssBackupType?> VssType = Choice.Option(
        "--vss-type", "What VSS tells applications: copy disturbs no other backup, full counts as their full backup [default: copy]",
        ("copy", VssBackupType.Copy), ("full", VssBackupType.Full));

    private static readonly Option<long?> MaxUnreadable = SizeText.Option(
        "--max-unreadable", $"Most bytes of the source that may be unreadable; with more nothing is stored [default: {Backup.DefaultMaxUnreadable >> 20}M]");

    private static readonly Option<bool> Adopt = new("--adopt") { Description = "Continue a chain that was made of another source" };

    private static readonly Option<bool> AllBlocks = new("--all-blocks")
    {
        Description = "Image all blocks, also those that no file has, such as deleted files",
    };

    private static readonly Option<bool> IncludeSwap = new("--include-swap")
    {
        Description = "Keep the content of page files and swap space, which is left out otherwise",
    };

    private static readonly Option<string[]> Exclude = new("--exclude")
    {
        Description = "Leave out the content of files (NTFS, FAT, exFAT): *.iso in every folder, /Temp/** from the root; may be given again",
        HelpName = "GLOB",
    };

    private static readonly Option<string?> ExcludeFrom = new("--exclude-from")
    {
        Description = "A file with patterns for --exclude, one a line; lines with # are remarks",
        HelpName = "FILE",
    };

    private static readonly Option<bool> DryRun = new("--dry-run")
    {
        Description = "Write nothing, and say what would be stored",
    };

    public static Command Create()
    {
        var command = new Command("backup", "Image disks, volumes or files, each into its chain")
        {
            Sources, To, Chain, Kind, BlockSize, Hash, Compress, Level, Split, Snapshot, VssType, QueueDepth, RequestSize,
            MaxUnreadable, AllBlocks, IncludeSwap, Exclude, ExcludeFrom, Adopt, DryRun,
            FormatArgument.Option, TraceRecording.Option,
        };
        var key = new KeyArguments(command, "of the encrypted chain, or that encrypts a new one");
        var pace = new PaceArguments(command, "read from the source");
        return command.Runs(streams: false, (parsed, report, cancellation) =>
        {
            var sources = FormatArgument.Locations(parsed, parsed.GetRequiredValue(Sources), "Nothing was imaged.");
            var request = Request(parsed, sources[0], key) with { MaxRate = pace.Enter(parsed, report) };
            return sources.Count > 1
                ? RunSeveral(parsed, sources, request, report, cancellation)
                : RunOne(parsed, request, report, cancellation);
        });
    }

    private static int RunOne(ParseResult parsed, BackupRequest request, Report report, CancellationToken cancellation)
    {
        var result = TraceRecording.Around(parsed, report, () => Backup.Run(request, report, cancellation));
        var code = ExitCodes.Of(result);
        report.Tell(new BackupEvent(result, code), text => BackupText.Write(text, result));
        return code;
    }

    private static int RunSeveral(
        ParseResult parsed, IReadOnlyList<SourceLocation> sources, BackupRequest request, Report report, CancellationToken cancellation)
    {
        var result = TraceRecording.Around(
            parsed, report, () => BackupSet.Run(sources, request, Tell, report, cancellation));
        var code = ExitCodes.Of(result);
        report.Tell(new BackupSetEvent(result, code), text => BackupSetText.Write(text, result));
        return code;

        void Tell(BackupResult image)
        {
            report.Committed++;
            report.Tell(new ImageEvent("backup", image, ExitCodes.Of(image)), text => BackupText.Write(text, image));
        }
    }

    private static BackupRequest Request(ParseResult parsed, SourceLocation first, KeyArguments key) => new()
    {
        Source = first,
        Store = StoreLocation.Parse(parsed.GetRequiredValue(To)),
        Chain = parsed.GetValue(Chain),
        Kind = parsed.GetValue(Kind) ?? BackupKind.Auto,
        BlockSize = SizeText.Narrow(parsed, BlockSize),
        Hash = parsed.GetValue(Hash),
        Codec = parsed.GetValue(Compress) ?? Codec.Zstd,
        Level = parsed.GetValue(Level),
        SplitSize = SplitSize(parsed),
        Key = key.Read(parsed),
        QueueDepth = parsed.GetValue(QueueDepth),
        RequestSize = SizeText.Narrow(parsed, RequestSize),
        MaxUnreadable = parsed.GetValue(MaxUnreadable),
        AllBlocks = parsed.GetValue(AllBlocks),
        IncludeSwap = parsed.GetValue(IncludeSwap),
        Exclude = Patterns(parsed),
        Adopt = parsed.GetValue(Adopt),
        DryRun = parsed.GetValue(DryRun),
        Snapshot = parsed.GetValue(Snapshot) ?? SnapshotMode.Auto,
        VssType = parsed.GetValue(VssType) ?? VssBackupType.Copy,
    };

    private static string[] Patterns(ParseResult parsed)
    {
        string[] lines = parsed.GetValue(ExcludeFrom) is { } file ? File.ReadAllLines(file) : [];
        return [
            .. parsed.GetValue(Exclude) ?? [],
            .. lines.Select(line => line.Trim()).Where(line => line.Length > 0 && !line.StartsWith('#')),
        ];
    }

    // To the engine 0 means one file; to someone who typed it, it is a size that isn't possible.
    private static long SplitSize(ParseResult parsed) => parsed.GetValue(Split) switch
    {
        null => 0,
        0 => throw new TidemarkException(TidemarkError.WrongUse, "--split can't make files of 0 bytes. Leave it out for one file."),
        { } size => size,
    };
}
