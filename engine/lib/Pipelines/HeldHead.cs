using System.Diagnostics;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Pipelines;

/// <summary>
/// Keeps the first page of a target back until everything else is durable; until then a marker stands there. So at every
/// moment the target either is as it was, or says that it isn't whole, or is.
/// </summary>
internal sealed class HeldHead
{
    private readonly BlockDevice target;
    private readonly bool blank;
    private readonly byte[] marker = new byte[RestoreMarker.Size];
    private readonly byte[] head = new byte[RestoreMarker.Size];
    private bool isRemembered;

    /// <param name="target">At least as long as the page.</param>
    /// <param name="blank">Whether all of the target reads as zeros.</param>
    public HeldHead(BlockDevice target, RestoreMarker marker, bool blank)
    {
        Debug.Assert(target.Length >= RestoreMarker.Size);
        this.target = target;
        this.blank = blank;
        marker.Write(this.marker);
    }

    /// <summary>Whether the marker stands in the target.</summary>
    public bool IsPlaced { get; private set; }

    /// <summary>
    /// Reads what the target holds there: of a copy that is compared, that may be what the image holds. False if it can't
    /// be read; then the head has to be taken from the image.
    /// </summary>
    public bool Remember()
    {
        if (!isRemembered && !blank)
        {
            isRemembered = true;
            try
            {
                target.ReadAt(0, head);
            }
            catch (DeviceIoException)
            {
                head.AsSpan().Clear();
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Places the marker, before anything else is written. What the target held there is the head as long as nothing
    /// else is written there.
    /// </summary>
    public void Place()
    {
        if (IsPlaced)
        {
            return;
        }

        Remember();
        target.WriteAt(0, marker);
        target.Flush();
        IsPlaced = true;
    }

    /// <summary>Takes the head out of what is about to be written, and puts the marker in its place.</summary>
    public void Take(long offset, Span<byte> content)
    {
        Debug.Assert(IsPlaced);
        if (offset < head.Length)
        {
            var part = head.AsSpan((int)offset, Math.Min(content.Length, head.Length - (int)offset));
            content[..part.Length].CopyTo(part);
            marker.AsSpan((int)offset, part.Length).CopyTo(content);
        }
    }

    /// <summary>The same of zeros; returns how many bytes of them, from the beginning, aren't to be written.</summary>
    public long TakeZeros(long offset, long length)
    {
        Debug.Assert(IsPlaced);
        var taken = Math.Clamp(head.Length - offset, 0, length);
        if (taken > 0)
        {
            head.AsSpan((int)offset, (int)taken).Clear();
        }

        return taken;
    }

    /// <summary>Makes an edit: in the head where it lies there, and else in the target.</summary>
    public void Apply(in DiskEdit edit)
    {
        Debug.Assert(IsPlaced);
        var inside = (int)Math.Clamp(head.Length - edit.Offset, 0, edit.Bytes.Length);
        if (inside > 0)
        {
            edit.Bytes.AsSpan(0, inside).CopyTo(head.AsSpan((int)edit.Offset));
        }

        if (inside < edit.Bytes.Length)
        {
            target.WriteAt(edit.Offset + inside, edit.Bytes.AsSpan(inside));
        }
    }

    /// <summary>Puts the head in its place, once all the rest is durable.</summary>
    public void Release()
    {
        if (!IsPlaced)
        {
            return;
        }

        target.Flush();
        if (head.AsSpan().IndexOfAnyExcept((byte)0) < 0)
        {
            target.WriteZeros(0, head.Length);
        }
        else
        {
            target.WriteAt(0, head);
        }

        target.Flush();
    }
}
