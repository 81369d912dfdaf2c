namespace Tidemark.Engine.Devices.VirtualDisks.Qcow2;

/// <summary>Tells qcow2 files from others.</summary>
internal static class Qcow2File
{
    /// <summary>The header of a file that begins as qcow2; null for any other.</summary>
    /// <exception cref="TidemarkException">It begins so and isn't sound.</exception>
    public static Qcow2Header? TryReadHeader(BlockDevice file)
    {
        var start = new byte[Math.Min(file.Length, Qcow2Header.ReadSize)];
        VirtualDisk.ReadMark(file, 0, start);
        if (!Qcow2Header.HasMagic(start))
        {
            return null;
        }

        return Qcow2Header.Read(start, out var problem)
            ?? throw TidemarkException.Damaged($"{file.Name} is a damaged qcow2 file: {problem}. Restore the file from a copy.");
    }
}
