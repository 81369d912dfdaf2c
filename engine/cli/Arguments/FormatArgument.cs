using System.CommandLine;
using Tidemark.Engine.Locations;

namespace Tidemark.Cli.Arguments;

/// <summary>The option that says what a file is which is taken for a disk.</summary>
internal static class FormatArgument
{
    public static readonly Option<SourceFormat?> Option = Choice.Option(
        "--format", "What a file is; auto tells it from the content [default: auto]",
        ("auto", SourceFormat.Auto), ("raw", SourceFormat.Raw), ("vhd", SourceFormat.Vhd), ("vhdx", SourceFormat.Vhdx),
        ("qcow2", SourceFormat.Qcow2));

    public static SourceFormat Read(ParseResult parsed) => parsed.GetValue(Option) ?? SourceFormat.Auto;
}
