using Tidemark.Engine.Devices.Nbd;
using Tidemark.Engine.Format;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Locations;

/// <summary>The export of an NBD server.</summary>
internal sealed class NbdSource : SourceLocation
{
    private readonly NbdAddress address;

    private NbdSource(string text, NbdAddress address, SourceFormat format)
        : base(text, format) => this.address = address;

    internal override string ShortName => Path.GetFileName(Path.TrimEndingDirectorySeparator(Text));

    public static SourceLocation? TryParse(string text, SourceFormat format)
    {
        if (!NbdAddress.IsMeant(text))
        {
            return null;
        }

        SourceFile.RequireFile(text, isFile: false, format);
        return new NbdSource(text, NbdAddress.Parse(text), format);
    }

    internal override OpenedSource Open(SourceHelp? files = null)
    {
        var device = NbdDevice.Open(address, write: false);
        try
        {
            var found = SourceProbe.Probe(device);
            var identity = SourceIdentity.Of([.. found.Identity.Items, FileHints.OfAddress(address.ToString())]);
            return new OpenedSource(device, this, found with { Identity = identity }, "NBD", []);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    // A server may count its clients, and end with the last one: its address has to do.
    internal override void LookAt()
    {
    }

    internal override string WhyLive() => "nothing tells whether somebody writes to what the server gives";

    internal override bool IsSame(SourceLocation other) => other is NbdSource export && export.address == address;
}
