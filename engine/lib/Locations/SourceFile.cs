using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.VirtualDisks;
using Tidemark.Engine.Devices.VirtualDisks.Qcow2;
using Tidemark.Engine.Devices.VirtualDisks.Vhd;
using Tidemark.Engine.Devices.VirtualDisks.Vhdx;

namespace Tidemark.Engine.Locations;

/// <summary>Takes a file for the disk that it is, or is said to be.</summary>
internal static class SourceFile
{
    /// <summary>
    /// The virtual disk in an open file, not yet linked to its parent; null for a raw one. On success it owns the file.
    /// </summary>
    /// <exception cref="TidemarkException">It is damaged, or isn't what it is said to be.</exception>
    public static VirtualDisk? Parse(RawDevice file, SourceFormat format)
    {
        switch (format)
        {
            case SourceFormat.Raw:
                return null;
            case SourceFormat.Vhd:
                return VhdFile.FindFooter(file) is { } footer ? VhdFile.Open(file, footer) : throw IsNot(file, "VHD");
            case SourceFormat.Vhdx:
                return VhdxDisk.IsVhdx(file) ? VhdxDisk.Open(file) : throw IsNot(file, "VHDX");
            default:
                try
                {
                    return VirtualDisk.Parse(file);
                }
                catch (TidemarkException e) when (e.Error == TidemarkError.Damaged)
                {
                    throw TidemarkException.Damaged(e.Message, e, Advice.SayRaw);
                }
        }
    }

    /// <summary>What is said where a file that nobody spoke of is taken for a raw disk and begins as something else.</summary>
    public static SourceDoubt? Doubt(RawDevice file) => file.IsBlockDevice || ForeignFormat.NameOf(file) is not { } name ? null
        : new SourceDoubt(
            $"{file.Name} looks like a {name} and is taken as it is, byte for byte: what is in it isn't looked at.",
            name == "qcow2 file" ? Advice.SayQcow2OrRaw : Advice.ConvertOrSayRaw);

    /// <summary>A format belongs to a file.</summary>
    /// <exception cref="TidemarkException">The source is something else, and is said to be a container.</exception>
    public static void RequireFile(string path, bool isFile, SourceFormat format)
    {
        if (!isFile && format is not (SourceFormat.Auto or SourceFormat.Raw))
        {
            throw TidemarkException.WrongUse($"{path} isn't a file, and is imaged as it is: {Word(format)} is what only files are. Leave the format out.");
        }
    }

    /// <summary>What a name given with a format has to be.</summary>
    public static string Word(SourceFormat format) => format.ToString().ToLowerInvariant();

    private static TidemarkException IsNot(RawDevice file, string kind) => TidemarkException.WrongUse(
        $"{file.Name} isn't a {kind}: it has neither its mark nor what follows from it.", Advice.SayNoFormat);
}
