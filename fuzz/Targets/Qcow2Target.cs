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
        foreach (var name in new[] { header.BackingFile, header.DataFile }.OfType<string>())
        {
            FindException.Unless(
                !NamedFiles.IsFileName(name) || !name.Contains("://", StringComparison.Ordinal) || name.IndexOf('/', StringComparison.Ordinal) < name.IndexOf(':', StringComparison.Ordinal),
                $"{name} passes for the name of a file.");
        }

        // Internal snapshots and content elsewhere are never written.
        if (header.TryWrite(Cluster))
        {
            var again = Qcow2Header.Read(Cluster, out problem);
            FindException.Unless(again == header with { Snapshots = 0, HasDataFile = false, DataFile = null }, $"{header} reads as {again} again: {problem}");
        }
    }
}
