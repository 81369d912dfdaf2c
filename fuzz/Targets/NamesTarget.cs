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
        if (ImageNames.TryParse(name, out var sequence, out var part, out var image))
        {
            FindException.Unless(
                sequence >= 0 && part >= 0 && ImageNames.Part(sequence, part, image) == name, $"{name} is another name too.");
            FindException.Unless(!TemporaryName.TryParse(name, out _), $"{name} is temporary too.");
            StoreNames.CheckFile(name);
        }

        if (TemporaryName.TryParse(name, out var finished) && finished.Length > 0)
        {
            FindException.Unless(finished + name[finished.Length..] == name && !ImageNames.TryParse(name, out _, out _), $"{name} is another name too.");
        }

        if (KeyTableFile.TryParseName(name, out var generation))
        {
            FindException.Unless(KeyTableFile.NameOf(generation) == name, $"{name} is another name too.");
        }

        StoreNames.CheckFile(name);
    }
}
