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
using Tidemark.Engine.Operations.Imports;

namespace Tidemark.Cli.Verbs;

/// <summary><c>tidemark import FILE… --to STORE</c>: makes a chain of disk files.</summary>
internal static class ImportVerb
{
    private static readonly Argument<string[]> Files = new("FILE")
    {
        Description = "Raw, VHD, VHDX or qcow2 files, in any order: they say themselves what they build on",
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
        Description = "Name of the chain; files that don't build on each other become its images, in the order of their times",
        HelpName = "NAME",
    };

    private static readonly Option<long?> BlockSize = SizeText.Option(
        "--block-size", $"Size of a new chain's blocks, 4K to 1M [default: {Backup.DefaultBlockSize / 1024}K]");

    private static readonly Option<HashAlgorithm?> Hash = Choice.Option(
        "--hash", "Identity hash of a new chain [default: xxh128, encrypted: blake3]",
        ("xxh128", HashAlgorithm.Xxh128), ("blake3", HashAlgorithm.Blake3));

    private static readonly Option<Codec?> Compress = Choice.Option(
        "--compress", "Compression of the images [default: zstd]", ("zstd", Codec.Zstd), ("lz4", Codec.Lz4), ("none", Codec.None));

    private static readonly Option<int?> Level = Choice.Number("--level", "Compression level: zstd 1 to 19, lz4 1 to 12");

    private static readonly Option<long?> Split = SizeText.Option("--split", "Split each image into files of at most this size, for example 4G");

    private static readonly Option<long?> MaxUnreadable = SizeText.Option(
        "--max-unreadable", $"Most bytes of a file that may be unreadable; with more nothing is stored [default: {Backup.DefaultMaxUnreadable >> 20}M]");

    private static readonly Option<bool> Adopt = new("--adopt") { Description = "Continue a chain that was made of another source" };

    public static Command Create()
    {
        var command = new Command("import", "Make a chain of disk files, an image of each")
        {
            Files, To, Chain, BlockSize, Hash, Compress, Level, Split, MaxUnreadable, Adopt, FormatArgument.Option, TraceRecording.Option,
        };
        var key = new KeyArguments(command, "of the encrypted chain, or that encrypts a new one");
        var pace = new PaceArguments(command, "read");
        return command.Runs(streams: false, (parsed, report, cancellation) =>
        {
            var request = new ImportRequest
            {
                Files = FormatArgument.Locations(parsed, parsed.GetRequiredValue(Files), "Nothing was imported."),
                Store = StoreLocation.Parse(parsed.GetRequiredValue(To)),
                Chain = parsed.GetValue(Chain),
                BlockSize = SizeText.Narrow(parsed, BlockSize),
                Hash = parsed.GetValue(Hash),
                Codec = parsed.GetValue(Compress) ?? Codec.Zstd,
                Level = parsed.GetValue(Level),
                SplitSize = parsed.GetValue(Split) ?? 0,
                Key = key.Read(parsed),
                MaxRate = pace.Enter(parsed, report),
                MaxUnreadable = parsed.GetValue(MaxUnreadable),
                Adopt = parsed.GetValue(Adopt),
            };
            var result = TraceRecording.Around(parsed, report, () => Import.Run(request, Tell, report, cancellation));
            var code = ExitCodes.Worst(result.Images.Select(i => ExitCodes.Of(i.Image)));
            report.Tell(new ImportEvent(result, code), text => ImportText.Write(text, result));
            return code;

            void Tell(ImportedFile file)
            {
                report.Committed++;
                report.Tell(new ImageEvent("import", file.Image, ExitCodes.Of(file.Image)), text => BackupText.Write(text, file.Image));
            }
        });
    }
}
