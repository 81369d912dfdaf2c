using System.Text;
using Tidemark.Engine.Devices.Nbd;
using Tidemark.Engine.Operations.Points;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Targets;

/// <summary>Addresses on the command line: of images, CHAIN@SEQUENCE#PARTITION, and of exports, nbd://HOST:PORT/EXPORT.</summary>
internal static class AddressTarget
{
    internal static void Run(ReadOnlySpan<byte> input)
    {
        var text = Encoding.UTF8.GetString(input);
        CheckExport(text);
        var address = ImageAddress.Parse(text);
        FindException.Unless(text.StartsWith(address.ChainPath, StringComparison.Ordinal), $"The path {address.ChainPath} isn't in {text}.");
        FindException.Unless(address.Sequence is null or > 0, $"Image {address.Sequence} can't be.");
        FindException.Unless(address.Partition is null or > 0, $"Partition {address.Partition} can't be.");
        FindException.Unless(ImageAddress.NamesOne(text) == (address.ChainPath.Length < text.Length), $"{text} names one image and doesn't.");
    }

    /// <summary>A source without an id is known by such an address, so that it has to read back as it was.</summary>
    private static void CheckExport(string text)
    {
        if (!NbdAddress.TryParse(text, out var address, out var problem))
        {
            FindException.Unless(problem.Length > 0, $"{text} is refused without a reason.");
        }
        else if (address.ToString() is { Length: <= NbdProtocol.MaxString } shown)
        {
            FindException.Unless(NbdAddress.TryParse(shown, out var again, out problem) && again == address, $"{shown} reads as another: {problem}");
        }
    }
}
