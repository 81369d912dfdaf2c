using System.Globalization;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.VirtualDisks;
using Tidemark.Engine.Devices.VirtualDisks.Qcow2;
using Tidemark.Engine.Programs;

namespace Tidemark.Engine.Locations;

/// <summary>A file to import, by what it says of itself.</summary>
/// <param name="Location">As it was given, and what it is; that is never a guess any more.</param>
/// <param name="Identity">Which file it is.</param>
/// <param name="Key">What a child names it by: an id, or where it has none, which file it is.</param>
/// <param name="Time">When its content is of.</param>
internal sealed record ImportFile(SourceLocation Location, FileIdentity Identity, string Key, DateTimeOffset Time)
{
    /// <summary>The <see cref="Key"/> of what it builds on; null for a disk of its own.</summary>
    public string? ParentKey { get; init; }

    /// <summary>What messages call that.</summary>
    public string? ParentName { get; init; }

    /// <summary>Internal snapshots, which aren't imported.</summary>
    public uint Snapshots { get; init; }

    public string Path => Location.Text;

    /// <summary>What it is taken for.</summary>
    public SourceFormat Format => Location.Format;

    /// <summary>As other files may name it.</summary>
    public GivenFile Given => new(Path, Identity, SourceFile.Word(Format));

    /// <exception cref="TidemarkException">The file isn't there, is damaged, or isn't a disk that can be imported.</exception>
    public static ImportFile Describe(SourceLocation location)
    {
        var (path, format) = (location.Text, location.Format);
        if (location is not LocalSource)
        {
            throw TidemarkException.WrongUse($"{path} isn't a file, and an import takes files. 'tidemark backup' images it.");
        }

        using var file = RawDevice.OpenRead(path);
        if (file.IsBlockDevice)
        {
            throw TidemarkException.WrongUse($"{path} is a device, and an import takes files. 'tidemark backup' images devices.");
        }

        var changed = new DateTimeOffset(File.GetLastWriteTimeUtc(System.IO.Path.GetFullPath(path)), TimeSpan.Zero);
        var isQcow2 = format == SourceFormat.Qcow2 || (format == SourceFormat.Auto && Qcow2File.TryReadHeader(file) is not null);
        if (isQcow2)
        {
            var header = Qcow2File.TryReadHeader(file)
                ?? throw TidemarkException.WrongUse($"{path} isn't a qcow2 file: it doesn't begin as one.", Advice.SayNoFormat);
            return new ImportFile(location.As(SourceFormat.Qcow2), file.Identity, KeyOf(file.Identity), changed) { Snapshots = header.Snapshots };
        }

        if (SourceFile.Parse(file, format) is { } disk)
        {
            var kind = disk is Devices.VirtualDisks.Vhdx.VhdxDisk ? SourceFormat.Vhdx : SourceFormat.Vhd;
            return new ImportFile(location.As(kind), file.Identity, KeyOf(disk), disk.TimeStamp ?? changed);
        }

        return format == SourceFormat.Raw || ForeignFormat.NameOf(file) is not { } name
            ? new ImportFile(location.As(SourceFormat.Raw), file.Identity, KeyOf(file.Identity), changed)
            : throw TidemarkException.WrongUse(
                $"{path} looks like a {name}, which can't be imported. Convert the disk in it (qemu-img convert) or unpack it first.",
                Advice.SayRaw);
    }

    /// <summary>What names a disk to its children.</summary>
    public static string KeyOf(VirtualDisk disk) => KnownId.IsId(disk.ContentId)
        ? disk.ContentId.ToString()
        : KeyOf(disk.FileIdentity!.Value);

    public static string KeyOf(FileIdentity file) =>
        string.Create(CultureInfo.InvariantCulture, $"{file.Major}:{file.Minor}:{file.Inode}:{file.InodeHigh}");

    /// <summary>Opens the disk in the file, with everything it builds on.</summary>
    /// <param name="files">All that are imported, which it may name.</param>
    /// <param name="wait">For another program.</param>
    public OpenedSource Open(IReadOnlyList<ImportFile> files, ProgramWait wait) =>
        Location.Open(new SourceHelp([.. files.Where(f => f != this)], wait));
}
