using Tidemark.Engine.Stores;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Targets;

/// <summary>The file that says who holds a chain; any machine may have written it.</summary>
internal static class OwnerTarget
{
    internal static void Run(ReadOnlySpan<byte> input)
    {
        if (LockOwner.TryParse(input) is { } owner)
        {
            var text = owner.Describe();
            FindException.Unless(!text.Any(char.IsControl), $"{text} goes to a terminal as it is.");
            var again = LockOwner.TryParse(owner.ToBytes());
            FindException.Unless(again == owner, $"{owner} reads as {again} again.");
        }
    }
}
