using Tidemark.Engine.Devices;
using Tidemark.Engine.Pipelines;

namespace Tidemark.Engine.Operations.Restores;

/// <summary>
/// Sectors of a target that couldn't be read when it was compared, and were written therefore: writing makes most disks
/// take a spare sector in a bad one's place, and some only say that they wrote.
/// </summary>
internal static class RewrittenSectors
{
    /// <summary>Bytes read at a time.</summary>
    private const int ReadSize = 1 << 20;

    /// <summary>Reads them again.</summary>
    /// <returns>What is worth knowing of them; null if there were none.</returns>
    /// <exception cref="TidemarkException">One still can't be read.</exception>
    public static string? RequireReadable(BlockDevice target, SectorBisection salvage, CancellationToken cancellation)
    {
        if (salvage.BadBytes == 0)
        {
            return null;
        }

        target.Flush();
        var buffer = new byte[ReadSize];
        foreach (var (start, length) in salvage.Bad)
        {
            for (var offset = start; offset < start + length; offset += ReadSize)
            {
                cancellation.ThrowIfCancellationRequested();
                try
                {
                    target.ReadAt(offset, buffer.AsSpan(0, (int)Math.Min(ReadSize, start + length - offset)));
                }
                catch (DeviceIoException e)
                {
                    throw TidemarkException.Failed(
                        $"{target.Name} took what was written at bytes {start} to {start + length - 1}, and can't be read there as before "
                        + $"({e.Message.TrimEnd('.')}). Restore to another disk.", e);
                }
            }
        }

        return $"{salvage.BadBytes} bytes of {target.Name} couldn't be read, were written, and can be read now: look after that disk";
    }
}
