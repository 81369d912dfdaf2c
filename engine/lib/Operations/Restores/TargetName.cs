using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.Nbd;
using Tidemark.Engine.Devices.VirtualDisks;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Progress;

namespace Tidemark.Engine.Operations.Restores;

/// <summary>What the name of a restore's target makes people expect.</summary>
internal static class TargetName
{
    /// <summary>Warns where the name promises a format, and what is restored is a raw disk.</summary>
    public static void Warn(TargetLocation target, Lineage lineage, BlockHasher hasher, IRunObserver observer)
    {
        if (target.LocalPath is not { } path || target.IsWindowsDevice || ForeignFormat.ByName(path) is not { } format)
        {
            return;
        }

        // A file of such a format that was imaged byte for byte comes back as such a file.
        using var point = new PointProbe(lineage, hasher);
        if (ForeignFormat.NameOf(point) is not null || ForeignFormat.HasVhdFooter(point))
        {
            return;
        }

        observer.Warn(
            $"{target} becomes a raw disk, byte for byte, whatever its name says ({format}): programs that go by the name won't read it. "
            + "'tidemark export' makes qcow2, VHD and VHDX files.");
    }
}
