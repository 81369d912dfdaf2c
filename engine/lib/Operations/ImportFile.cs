using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.VirtualDisks;
using Tidemark.Engine.Devices.VirtualDisks.Qcow2;
using Tidemark.Engine.Programs;

namespace Tidemark.Engine.Operations;

/// <summary>A file to import, by what it says of itself.</summary>
/// <param name="Path">As it was given.</param>
/// <param name="Key">What a child names it by: an id, or for a qcow2 file its full path.</param>
/// <param name="ParentKey">The <see cref="Key"/> of what it builds on; null for a disk of its own.</param>
/// <param name="ParentName">What messages call that.</param>
/// <param name="Time">When its content is of.</param>
/// <param name="Qcow2">Its header, if it is a qcow2 file.</param>
internal sealed record ImportFile(
    string Path, string Key, string? ParentKey, string? ParentName, DateTimeOffset Time, Qcow2Header? Qcow2)
{
    /// <exception cref="TidemarkException">The file isn't there, or is damaged.</exception>
    public static ImportFile Describe(string path)
    {
        using var file = RawDevice.OpenRead(path);
        if (file.IsBlockDevice)
        {
            throw TidemarkException.WrongUse($"{path} is a device, and an import takes files. 'tidemark backup' images devices.");
        }

        var full = System.IO.Path.GetFullPath(path);
        var changed = new DateTimeOffset(System.IO.File.GetLastWriteTimeUtc(full), TimeSpan.Zero);
        if (Qcow2Chain.TryReadHeader(file) is { } header)
        {
            var below = Qcow2Chain.BackingPath(full, header);
            return new ImportFile(path, full, below, below, changed, header);
        }

        return VirtualDisk.Parse(file) is { } disk
            ? new ImportFile(
                path, disk.ContentId.ToString(), disk.ParentContentId?.ToString(), $"the disk {disk.ParentContentId}", disk.TimeStamp ?? changed, null)
            : new ImportFile(path, full, null, null, changed, null);
    }

    /// <summary>Opens the disk in the file, with everything it builds on.</summary>
    public OpenedSource Open(ProgramWait wait)
    {
        if (Qcow2 is null)
        {
            return OpenedSource.Open(Path);
        }

        var device = QemuDisk.Open(Path, wait);
        try
        {
            return OpenedSource.Of(device, Path, "qcow2");
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }
}
