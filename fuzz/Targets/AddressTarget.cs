using System.Text;
using Tidemark.Engine.Operations;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Targets;

/// <summary>Addresses of images on the command line: CHAIN@SEQUENCE#PARTITION.</summary>
internal static class AddressTarget
{
    internal static void Run(ReadOnlySpan<byte> input)
    {
        var text = Encoding.UTF8.GetString(input);
        var address = ImageAddress.Parse(text);
        FindException.Unless(text.StartsWith(address.ChainPath, StringComparison.Ordinal), $"The path {address.ChainPath} isn't in {text}.");
        FindException.Unless(address.Sequence is null or > 0, $"Image {address.Sequence} can't be.");
        FindException.Unless(address.Partition is null or > 0, $"Partition {address.Partition} can't be.");
        FindException.Unless(ImageAddress.NamesOne(text) == (address.ChainPath.Length < text.Length), $"{text} names one image and doesn't.");
    }
}
