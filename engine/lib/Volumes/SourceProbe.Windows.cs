using TerraFX.Interop.Windows;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;

namespace Tidemark.Engine.Volumes;

internal static partial class SourceProbe
{
    private static void AddFromWindows(string path, Func<string, BlockDevice>? open, List<IdentityItem> items)
    {
        var place = WindowsPlace.Parse(path);
        switch (place.Kind)
        {
            case WindowsPlaceKind.Ordinary:
                items.AddRange(FileHints.Of(path));
                break;
            case WindowsPlaceKind.Volume:
                AddFromVolume(place, open, items);
                break;
            case WindowsPlaceKind.Disk when items.Count == 0:
                // Only where nothing on the disk names it: a card reader's serial number is the same for every card.
                using (var disk = DeviceQuery.Open(place.Device))
                {
                    if (DeviceQuery.Describe(disk).Serial is { } serial && KnownId.IsId(serial))
                    {
                        items.Add(new IdentityItem(IdentityKind.DeviceSerial, Shorten(serial)));
                    }
                }

                break;
        }
    }

    private static string? SerialFromWindows(string path)
    {
        var place = WindowsPlace.Parse(path);
        if (place.Kind != WindowsPlaceKind.Disk)
        {
            return null;
        }

        using var disk = DeviceQuery.Open(place.Device);
        return DeviceQuery.Describe(disk).Serial;
    }

    private static void AddFromVolume(WindowsPlace place, Func<string, BlockDevice>? open, List<IdentityItem> items)
    {
        using var volume = DeviceQuery.Open(place.Device);
        if (DeviceQuery.Partition(volume) is { } info && OfPartition(info) is { } item)
        {
            items.Add(item);
        }
        else if (WindowsVolumes.ExtentsOf(volume) is [var extent]
            && PartitionItem($"{WindowsPlace.DiskPrefix}{extent.DiskNumber}", extent.Offset, open) is { } read)
        {
            // An MBR's partition is known by its disk's signature too, which stands in the table alone.
            items.Add(read);
        }
    }

    /// <summary>What names a partition by its disk's driver: the GUID in a GPT.</summary>
    internal static IdentityItem? OfPartition(PARTITION_INFORMATION_EX info) =>
        info.PartitionStyle == PARTITION_STYLE.PARTITION_STYLE_GPT && KnownId.IsId(info.Gpt.PartitionId)
            ? new IdentityItem(IdentityKind.GptPartition, info.Gpt.PartitionId.ToString("D"))
            : null;
}
