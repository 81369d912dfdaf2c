namespace Tidemark.Engine.Devices.VirtualDisks.Vhd;

/// <summary>Cylinders, heads and sectors as a VHD's footer states them for ATA controllers.</summary>
internal readonly record struct VhdGeometry(ushort Cylinders, byte Heads, byte SectorsPerTrack)
{
    /// <summary>Size by geometry, in bytes.</summary>
    public long Bytes => (long)Cylinders * Heads * SectorsPerTrack * VhdFooter.SectorSize;

    /// <summary>The largest geometry there is; a disk that has it may be larger (127 GiB and more).</summary>
    public static VhdGeometry Largest => new(65535, 16, 255);

    /// <summary>The geometry for a size in bytes (specification 1.0, "Appendix: CHS Calculation").</summary>
    public static VhdGeometry Of(long bytes)
    {
        var sectors = Math.Min(bytes / VhdFooter.SectorSize, 65535L * 16 * 255);
        long sectorsPerTrack;
        long heads;
        long cylinderTimesHeads;
        if (sectors >= 65535L * 16 * 63)
        {
            sectorsPerTrack = 255;
            heads = 16;
            cylinderTimesHeads = sectors / sectorsPerTrack;
        }
        else
        {
            sectorsPerTrack = 17;
            cylinderTimesHeads = sectors / sectorsPerTrack;
            heads = Math.Max((cylinderTimesHeads + 1023) / 1024, 4);
            if (cylinderTimesHeads >= heads * 1024 || heads > 16)
            {
                sectorsPerTrack = 31;
                heads = 16;
                cylinderTimesHeads = sectors / sectorsPerTrack;
            }

            if (cylinderTimesHeads >= heads * 1024)
            {
                sectorsPerTrack = 63;
                heads = 16;
                cylinderTimesHeads = sectors / sectorsPerTrack;
            }
        }

        return new VhdGeometry((ushort)(cylinderTimesHeads / heads), (byte)heads, (byte)sectorsPerTrack);
    }
}
