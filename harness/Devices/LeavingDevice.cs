using Tidemark.Engine.Devices;

namespace Tidemark.Harness.Devices;

/// <summary>A source that goes away after a number of reads, as a disk that is pulled out does.</summary>
/// <param name="inner">What is read; it is disposed with this.</param>
/// <param name="reads">Reads that it still answers.</param>
/// <param name="says">Whether it says that it is gone; if not, it gives the error of a bad sector for whatever is asked.</param>
internal sealed class LeavingDevice(MemoryDevice inner, int reads, bool says) : BlockDevice
{
    private int calls;

    public override string Name => "leaving device";

    public override DeviceGeometry Geometry => inner.Geometry;

    /// <summary>Reads asked for so far.</summary>
    public int Calls => calls;

    /// <summary>Called with the number of each read before it is answered.</summary>
    public Action<int>? Asked { get; set; }

    public bool IsGone => calls > reads;

    public override string? WhyGone(int error) => says && IsGone ? "No such device" : null;

    public override int WorthwhileHole => inner.WorthwhileHole;

    public override DeviceExtent ExtentAt(long offset) => IsGone ? base.ExtentAt(offset) : inner.ExtentAt(offset);

    public override void ReadAt(long offset, Span<byte> buffer)
    {
        calls++;
        Asked?.Invoke(calls);
        if (IsGone)
        {
            throw new DeviceIoException(Name, offset, buffer.Length, "Reading", MemoryDevice.FailureError, "Input/output error");
        }

        inner.ReadAt(offset, buffer);
    }

    protected override void Dispose(bool disposing)
    {
        inner.Dispose();
        base.Dispose(disposing);
    }
}
