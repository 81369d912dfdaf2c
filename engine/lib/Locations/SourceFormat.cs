namespace Tidemark.Engine.Locations;

/// <summary>What a file that is taken for a disk is.</summary>
public enum SourceFormat
{
    /// <summary>A VHD or VHDX where it says so itself, else a raw disk; an import takes qcow2 files, too.</summary>
    Auto,

    /// <summary>The disk's bytes, whatever they look like.</summary>
    Raw,

    /// <summary>A fixed, dynamic or differencing VHD.</summary>
    Vhd,

    /// <summary>A VHDX of any kind.</summary>
    Vhdx,

    /// <summary>A qcow2 file, which is read with qemu's own reader (package qemu-utils).</summary>
    Qcow2,
}
