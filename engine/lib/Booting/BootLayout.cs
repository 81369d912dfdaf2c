using Tidemark.Engine.Devices;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Booting;

/// <summary>What firmware a disk is made for, by what lies on it.</summary>
internal static class BootLayout
{
    /// <summary>The type GUID of an EFI system partition (UEFI specification, 5.3.3).</summary>
    private const string EfiSystem = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B";

    /// <summary>The boot code of an MBR: what lies before the disk signature.</summary>
    private const int BootCodeSize = 440;

    /// <summary>Whether a disk has an EFI system partition and no code for a BIOS to run.</summary>
    public static bool WantsEfi(BlockDevice disk)
    {
        var view = new VolumeView(disk);
        var code = new byte[BootCodeSize];
        return VolumeProbe.TryReadTable(view) is { Scheme: PartitionScheme.Gpt } table
            && table.Partitions.Any(partition => string.Equals(partition.Type, EfiSystem, StringComparison.OrdinalIgnoreCase))
            && view.TryRead(0, code) && !code.AsSpan().ContainsAnyExcept((byte)0);
    }
}
