using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.Nbd;

namespace Tidemark.Engine.Locations;

/// <summary>
/// Where a volume is written, made once of what the user wrote: a file, a device, a stream of this process, the export of an NBD
/// server. Nothing behind it reads the text again.
/// </summary>
public sealed class TargetLocation
{
    private TargetLocation(string text) => Text = text;

    /// <summary>What messages and results call it.</summary>
    public string Text { get; }

    /// <summary>The export; null for everything else.</summary>
    internal NbdAddress? Export { get; private init; }

    /// <summary>The descriptor of the stream; null for everything else.</summary>
    internal int? Descriptor { get; private init; }

    /// <summary>Whether it is a device of Windows, so that no file can come into being there.</summary>
    internal bool IsWindowsDevice { get; private init; }

    /// <summary>The path of a file or a device, whether it is there or not; null for everything else.</summary>
    internal string? LocalPath => Export is null && Descriptor is null ? Text : null;

    /// <summary>Whether a text stands for standard output, so that nothing else may be written there.</summary>
    /// <param name="text">As the user gave it, right or wrong.</param>
    public static bool IsStream(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return StreamTarget.DescriptorOf(text) == StreamTarget.Output;
    }

    /// <summary>Reads a target as a user gives it. Whether it may be written is found when it is opened.</summary>
    /// <param name="text">A path, <c>-</c> for standard output, or the address of an export.</param>
    /// <exception cref="TidemarkException">The text can't be such a place.</exception>
    public static TargetLocation Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        UserPath.RequireText(text);

        if (NbdAddress.IsMeant(text))
        {
            return new TargetLocation(text) { Export = NbdAddress.Parse(text) };
        }

        UrlScheme.Refuse(text, "Give a file, a device or an NBD address.");
        var path = UserPath.Settle(text);
        return new TargetLocation(path) { Descriptor = StreamTarget.DescriptorOf(path), IsWindowsDevice = RawDevice.IsDevicePath(path) };
    }

    /// <summary>The place of something that is open for reading, as what a restore to it would be told.</summary>
    internal static TargetLocation Of(SourceLocation source) => new(source.Text);

    public override string ToString() => Text;

    /// <summary>Opens the stream that it is.</summary>
    /// <param name="length">Bytes that will be written.</param>
    /// <exception cref="TidemarkException">Nothing can be written there.</exception>
    internal StreamDevice OpenStream(long length) => StreamTarget.Open(Text, Descriptor!.Value, length);
}
