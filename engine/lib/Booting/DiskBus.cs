namespace Tidemark.Engine.Booting;

/// <summary>What a booted machine's disk is attached to; the guest needs a driver for it that starts early.</summary>
public enum DiskBus
{
    /// <summary>AHCI, which nearly every system since 2007 has a driver for.</summary>
    Sata,

    /// <summary>virtio-blk, of Linux as a guest in the cloud; the fastest.</summary>
    Virtio,

    /// <summary>NVM Express.</summary>
    Nvme,

    /// <summary>Parallel ATA of the PIIX4, for old systems.</summary>
    Ide,
}
