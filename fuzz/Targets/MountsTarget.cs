using System.Text;
using Tidemark.Engine.Mounting;
using Tidemark.Engine.Volumes;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Targets;

/// <summary>
/// The kernel's lists of mounts and swaps, in which users name folders and sources, the note of a mount, and /etc/fstab. A zero
/// byte divides them.
/// </summary>
internal static class MountsTarget
{
    internal static void Run(ReadOnlySpan<byte> input)
    {
        var texts = Encoding.UTF8.GetString(input).Split('\0');
        var table = MountTable.Parse(texts[0], texts.ElementAtOrDefault(1) ?? "");
        foreach (var entry in table.Entries)
        {
            FindException.Unless(entry.UpperFolder is null || entry.FileSystem == "overlay", $"{entry} has an upper folder.");
        }

        var fstab = texts.ElementAtOrDefault(3) ?? "";
        FindException.Unless(
            table.MissingMountOf("/mnt/usb/store", fstab) is not { } place || place is "/mnt/usb/store" or "/mnt/usb" or "/mnt", "Another place is missing.");
        if (MountRecord.TryParse("/run/tidemark/1", (texts.ElementAtOrDefault(2) ?? "").Split('\n')) is { } record)
        {
            FindException.Unless(record.ImagePath.StartsWith(record.Runtime, StringComparison.Ordinal), $"The image of {record} lies elsewhere.");
        }
    }
}
