namespace Tidemark.Engine.Operations.Exports;

/// <summary>The formats by name and by the extensions that files have.</summary>
public static class ExportFormats
{
    /// <summary>Name and format, as the command line takes them.</summary>
    public static IReadOnlyList<(string Name, ExportFormat Format)> All { get; } =
    [
        ("raw", ExportFormat.Raw),
        ("vhd", ExportFormat.Vhd),
        ("vhd-fixed", ExportFormat.VhdFixed),
        ("vhdx", ExportFormat.Vhdx),
        ("qcow2", ExportFormat.Qcow2),
    ];

    private const string Extensions = ".img, .raw, .dd, .bin, .vhd, .vhdx, .avhdx or .qcow2";

    private static string Names => string.Join(", ", All.Select(f => f.Name));

    public static string Name(ExportFormat format) => All.First(f => f.Format == format).Name;

    /// <summary>The format that a file's extension says; of the two kinds of VHD the dynamic one.</summary>
    /// <exception cref="TidemarkException">The extension says nothing.</exception>
    public static ExportFormat OfFile(string path) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".RAW" or ".IMG" or ".DD" or ".BIN" => ExportFormat.Raw,
        ".VHD" => ExportFormat.Vhd,
        ".VHDX" or ".AVHDX" => ExportFormat.Vhdx,
        ".QCOW2" => ExportFormat.Qcow2,
        "" => throw TidemarkException.WrongUse($"{path} has no extension that says what format it shall have. There are {Names}.", Advice.SayFormat),
        var other => throw TidemarkException.WrongUse(
            $"{other.ToLowerInvariant()} isn't a format that tidemark writes: there are {Names}; or name the file {Extensions}; "
            + "qemu-img convert makes others of a raw or qcow2 file.",
            Advice.SayFormat),
    };
}
