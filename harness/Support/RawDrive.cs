using Tidemark.Engine.Devices;
using Tidemark.Engine.Io;
using Xunit;

namespace Tidemark.Harness.Support;

/// <summary>
/// The start of a scratch raw device on Windows, named by TIDEMARK_WINE_RAW (such as <c>\\.\X:</c>): 64 MiB or more that
/// tests may overwrite. Tests that use it stand in the collection <see cref="Collection"/>, since there is but one.
/// </summary>
internal sealed class RawDrive : BlockDevice
{
    public const string Collection = "Raw drive";
    public const string Variable = "TIDEMARK_WINE_RAW";

    private readonly RawDevice device;

    private RawDrive(RawDevice device, int length)
    {
        this.device = device;
        Geometry = device.Geometry with { Length = length };
    }

    /// <summary>The device's path; the test is skipped without one.</summary>
    public static string Path
    {
        get
        {
            OnlyOn.Windows();
            var path = Environment.GetEnvironmentVariable(Variable);
            Assert.SkipWhen(string.IsNullOrEmpty(path), $"Needs a scratch raw device ({Variable} isn't set).");
            return path!;
        }
    }

    public override string Name => device.Name;

    public override DeviceGeometry Geometry { get; }

    public override bool CanWrite => device.CanWrite;

    /// <summary>Opens the first bytes as a device of their own, all zeros.</summary>
    public static RawDrive Open(int length)
    {
        var device = RawDevice.OpenWrite(Path);
        device.WriteZeros(0, length);
        return new RawDrive(device, length);
    }

    public override void ReadAt(long offset, Span<byte> buffer) => device.ReadAt(offset, buffer);

    public override void WriteAt(long offset, ReadOnlySpan<byte> buffer) => device.WriteAt(offset, buffer);

    public override void WriteZeros(long offset, long length) => device.WriteZeros(offset, length);

    public override void Flush() => device.Flush();

    public override IoQueue OpenQueue(IoQueueOptions options) => device.OpenQueue(options);

    protected override void Dispose(bool disposing)
    {
        device.Dispose();
        base.Dispose(disposing);
    }
}
