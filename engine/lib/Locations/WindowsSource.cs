using Tidemark.Engine.Devices;
using Tidemark.Engine.Snapshots;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Locations;

/// <summary>A disk, a volume or another device of Windows.</summary>
internal sealed class WindowsSource : LocalSource
{
    private readonly WindowsPlace place;

    private WindowsSource(string text, WindowsPlace place, SourceFormat format)
        : base(text, format) => this.place = place;

    /// <summary>"C" and "PhysicalDrive1"; of a volume's GUID nothing: the identity behind the name says more.</summary>
    internal override string ShortName => place.Device[(place.Device.LastIndexOf('\\') + 1)..].Split(':', '{')[0];

    internal override SnapshotCandidate? Candidate => new SnapshotCandidate(Text, place);

    // What names a device is no file that has a number.
    internal override PathStatus? Status => null;

    internal override string WhyLive() => "nothing holds it still";

    internal override bool IsSame(SourceLocation other) =>
        other is WindowsSource its && string.Equals(its.place.Device, place.Device, StringComparison.OrdinalIgnoreCase);

    internal override SourceLocation As(SourceFormat format) => new WindowsSource(Text, place, format);

    public static new SourceLocation? TryParse(string text, SourceFormat format) => OperatingSystem.IsWindows() ? OfName(text, format) : null;

    /// <summary>The same on any system, for tests of what follows from it.</summary>
    internal static SourceLocation? OfName(string text, SourceFormat format = SourceFormat.Auto) =>
        WindowsPlace.Parse(text) is { IsDevice: true } place ? new WindowsSource(text, place, format) : null;
}
