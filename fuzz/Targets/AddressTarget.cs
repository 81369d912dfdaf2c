using System.Text;
using Tidemark.Engine;
using Tidemark.Engine.Devices.Nbd;
using Tidemark.Engine.Locations;
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
        var chain = AddressTail.Split(text, _ => false, out var tail);
        FindException.Unless(text.StartsWith(chain, StringComparison.Ordinal), $"The path {chain} isn't in {text}.");
        FindException.Unless(tail.Sequence is null or > 0, $"Image {tail.Sequence} can't be.");
        FindException.Unless(tail.Partition is null or > 0, $"Partition {tail.Partition} can't be.");
        FindException.Unless((tail == AddressTail.None) == (chain.Length == text.Length), $"{text} names one image and doesn't.");
        CheckPlaces(text);
    }

    /// <summary>Whatever was written is a place or refused with a reason, and nothing is opened for it.</summary>
    private static void CheckPlaces(string text)
    {
        foreach (var parse in new Action[]
        {
            () => _ = ImageAddress.Parse(text), () => _ = StoreLocation.Parse(text), () => _ = SourceLocation.Parse(text), () => _ = TargetLocation.Parse(text),
        })
        {
            try
            {
                parse();
            }
            catch (TidemarkException e)
            {
                FindException.Unless(e.Error == TidemarkError.WrongUse && e.Message.Length > 0, $"{text} is refused without a reason.");
            }
        }
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
