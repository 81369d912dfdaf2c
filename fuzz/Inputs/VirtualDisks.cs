using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.VirtualDisks;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Inputs;

/// <summary>Opens a virtual disk and looks at all of it, as far as the bounds go.</summary>
internal static class VirtualDisks
{
    /// <summary>What a parent is called that is the disk itself.</summary>
    public const string Itself = "self";

    private const int MostExtents = 256;
    private const int PieceBytes = 64 << 10;

    private static readonly GuardedMemory Piece = new(PieceBytes);

    /// <summary>
    /// The parent of a differencing disk is <paramref name="parent"/>, or the file itself where it is called so: a chain
    /// that has no end.
    /// </summary>
    public static void Read(SparseDevice file, byte[] parent)
    {
        if (!VirtualDisk.TryOpen(file, (_, name) => name.Contains(Itself, StringComparison.Ordinal) ? file.Again() : SparseDevice.Parse(parent), out var disk))
        {
            return;
        }

        using (disk)
        {
            var length = disk!.Length;
            FindException.Unless(length >= 0, $"A disk has {length} bytes.");
            _ = disk.FormatName;
            var at = 0L;
            for (var i = 0; i < MostExtents && at < length; i++)
            {
                var extent = disk.ExtentAt(at);
                FindException.Unless(extent.Offset == at && extent.Length > 0 && extent.End <= length, $"Extent {extent} of a disk of {length} bytes.");
                if (extent.Kind == ExtentKind.Data)
                {
                    ReadSome(disk, extent);
                }

                at = extent.End;
            }
        }
    }

    private static void ReadSome(VirtualDisk disk, DeviceExtent extent)
    {
        try
        {
            disk.ReadAt(extent.Offset, Piece.Take((int)Math.Min(extent.Length, PieceBytes)));
        }
        catch (DeviceIoException)
        {
            // A table entry that leaves the file is an error of its block alone.
            return;
        }
    }
}
