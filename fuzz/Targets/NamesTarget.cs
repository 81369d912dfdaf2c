using System.Text;
using Tidemark.Engine.Format;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Stores;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Targets;

/// <summary>Names of files in a chain's folder.</summary>
internal static class NamesTarget
{
    internal static void Run(ReadOnlySpan<byte> input)
    {
        var name = Encoding.UTF8.GetString(input);
        if (ImageNames.TryParse(name, out var sequence, out var part))
        {
            FindException.Unless(sequence >= 0 && part >= 0 && ImageNames.Part(sequence, part) == name, $"{name} is another name too.");
            StoreNames.CheckFile(name);
        }

        if (ImageNames.TryParseTemporary(name, out sequence, out part, out var id))
        {
            FindException.Unless(ImageNames.IsTemporary(name), $"{name} is temporary and isn't.");
            FindException.Unless(
                string.Equals(ImageNames.Temporary(sequence, part, id), name, StringComparison.OrdinalIgnoreCase), $"{name} is another name too.");
        }

        if (KeyTableFile.TryParseName(name, out var generation))
        {
            FindException.Unless(KeyTableFile.NameOf(generation) == name, $"{name} is another name too.");
        }

        StoreNames.CheckFile(name);
    }
}
