using Tidemark.Engine.Devices;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Pipelines;

namespace Tidemark.Engine.Operations.Verification;

/// <summary>
/// What a disk of another size holds after the image was fitted to it: the volume with the fitted table in place of the
/// old one. A comparison asks it about blocks that differ from the image.
/// </summary>
/// <param name="point">The volume at the image.</param>
/// <param name="fit">How it was brought onto the disk.</param>
/// <param name="device">The disk as it is now.</param>
internal sealed class FittedContent(PointProbe point, TargetFit fit, BlockDevice device)
{
    /// <summary>Whether a range of the disk, at most a block, holds what was fitted. False where nothing was.</summary>
    public bool IsAsFitted(long offset, int length)
    {
        if (!fit.Edits.Any(edit => edit.Offset < offset + length && edit.End > offset))
        {
            return false;
        }

        try
        {
            var expected = new byte[length];
            point.ReadAt(offset, expected.AsSpan(0, (int)Math.Clamp(point.Length - offset, 0, length)));
            foreach (var edit in fit.Edits)
            {
                var from = Math.Max(edit.Offset, offset);
                var until = Math.Min(edit.End, offset + length);
                if (from < until)
                {
                    edit.Bytes.AsSpan((int)(from - edit.Offset), (int)(until - from)).CopyTo(expected.AsSpan((int)(from - offset)));
                }
            }

            var found = new byte[length];
            device.ReadAt(offset, found);
            return found.AsSpan().SequenceEqual(expected);
        }
        catch (DeviceIoException)
        {
            return false;
        }
    }

    /// <summary>Ranges behind the volume's end in which the disk doesn't hold what was fitted, in order.</summary>
    public IEnumerable<ByteRange> DifferentBehind(long end)
    {
        foreach (var edit in fit.Edits.Where(edit => edit.End > end && edit.End <= device.Length).OrderBy(edit => edit.Offset))
        {
            var from = Math.Max(edit.Offset, end);
            var found = new byte[edit.End - from];
            if (!TryRead(from, found) || !found.AsSpan().SequenceEqual(edit.Bytes.AsSpan((int)(from - edit.Offset))))
            {
                yield return new ByteRange(from, edit.End - from);
            }
        }
    }

    private bool TryRead(long offset, byte[] buffer)
    {
        try
        {
            device.ReadAt(offset, buffer);
            return true;
        }
        catch (DeviceIoException)
        {
            return false;
        }
    }
}
