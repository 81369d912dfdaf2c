using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;

namespace Tidemark.Engine.Volumes;

internal static partial class SourceProbe
{
    private static void AddFromLinux(string path, Func<string, BlockDevice>? open, List<IdentityItem> items)
    {
        if (PathStatus.TryOf(path) is not { } status)
        {
            return;
        }

        if (status.Kind == PathKind.File)
        {
            items.AddRange(FileHints.Of(path));
        }
        else if (status.Kind == PathKind.BlockDevice && SysfsBlock.TryOf(status.Storage) is { } block)
        {
            AddFromDevice(block, open, items);
        }
    }

    private static string? SerialFromLinux(string path) =>
        PathStatus.TryOf(path) is { Kind: PathKind.BlockDevice } status && SysfsBlock.TryOf(status.Storage) is { } block
            ? block.Serial ?? block.Disk?.Serial
            : null;

    private static void AddFromDevice(SysfsBlock block, Func<string, BlockDevice>? open, List<IdentityItem> items)
    {
        if (block.PartitionOffset is { } offset)
        {
            if (block.Disk is { } disk && PartitionItem(disk.DevicePath, offset, open) is { } partition)
            {
                items.Add(partition);
            }
        }
        else if (block.LoopBackingFile is { } file)
        {
            // A loop device over a whole file is that file.
            if (block.LoopOffset == 0 && block.LoopSizeLimit == 0)
            {
                items.AddRange(FileHints.Of(file));
            }
        }
        else if (items.Count == 0 && block.Serial is { } serial && KnownId.IsId(serial))
        {
            // Only where nothing on the disk names it: a card reader's serial number is the same for every card.
            items.Add(new IdentityItem(IdentityKind.DeviceSerial, Shorten(serial)));
        }
    }
}
