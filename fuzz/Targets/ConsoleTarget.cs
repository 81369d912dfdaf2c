using System.Text;
using Tidemark.Engine.Booting;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Targets;

/// <summary>What a guest writes to its console; its last lines go to a terminal.</summary>
internal static class ConsoleTarget
{
    internal static void Run(ReadOnlySpan<byte> input)
    {
        var console = new ConsoleText();
        var text = Encoding.Latin1.GetString(input);
        console.Add(text.AsSpan(0, text.Length / 2));
        console.Add(text.AsSpan(text.Length / 2));
        foreach (var line in console.LastLines(20))
        {
            FindException.Unless(line.Length > 0 && !line.Any(c => c != '\t' && char.IsControl(c)), $"{line} goes to a terminal as it is.");
            FindException.Unless(console.Contains(line), $"{line} was said and isn't found.");
        }
    }
}
