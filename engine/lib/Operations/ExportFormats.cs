namespace Tidemark.Engine.Operations;

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

    public static string Name(ExportFormat format) => All.First(f => f.Format == format).Name;

    /// <summary>The format that a file's extension says; of the two kinds of VHD the dynamic one.</summary>
    /// <exception cref="TidemarkException">The extension says nothing.</exception>
    public static ExportFormat OfFile(string path) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".RAW" or ".IMG" or ".DD" or ".BIN" => ExportFormat.Raw,
        ".VHD" => ExportFormat.Vhd,
        ".VHDX" or ".AVHDX" => ExportFormat.Vhdx,
        ".QCOW2" => ExportFormat.Qcow2,
        var other => throw TidemarkException.WrongUse(
            $"{(other.Length == 0 ? "No extension" : $"The extension {other.ToLowerInvariant()}")} says what format {path} shall have. Give --format {string.Join(", ", All.Select(f => f.Name))}."),
    };
}
