using Tidemark.Engine;
using Tidemark.Engine.Devices.VirtualDisks.Qcow2;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Targets;

/// <summary>The header of a qcow2 file; what was read of it is written, and reads as it was.</summary>
internal static class Qcow2Target
{
    private static readonly byte[] Cluster = new byte[Qcow2Header.ReadSize];

    internal static void Run(ReadOnlySpan<byte> input)
    {
        if (Qcow2Header.Read(input[..Math.Min(input.Length, Qcow2Header.ReadSize)], out var problem) is not { } header)
        {
            FindException.Unless(problem.Length > 0, "A header is refused without a reason.");
            return;
        }

        FindException.Unless(header.DiskSize >= 0, $"A disk has {header.DiskSize} bytes.");
        try
        {
            var below = Qcow2File.BackingPath("/folder/disk.qcow2", header);
            FindException.Unless(below is null == header.BackingFile is null, $"{header.BackingFile} leads to {below}.");
        }
        catch (TidemarkException)
        {
            // A name of something that isn't a file.
        }

        // Internal snapshots are never written.
        if (header.TryWrite(Cluster))
        {
            var again = Qcow2Header.Read(Cluster, out problem);
            FindException.Unless(again == header with { Snapshots = 0 }, $"{header} reads as {again} again: {problem}");
        }
    }
}
