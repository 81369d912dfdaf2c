using Tidemark.Engine.Keys;
using Tidemark.Fuzz.Inputs;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Targets;

/// <summary>A key table in a file of its own.</summary>
internal static class KeyFileTarget
{
    private const int TableAt = KeyTableFile.Size - KeySlotTable.Size;
    private static readonly GuardedMemory Memory = new(KeyTableFile.Size);

    internal static void Run(ReadOnlySpan<byte> input)
    {
        var bytes = Memory.Take(KeyTableFile.Size);
        bytes.Clear();
        input[..Math.Min(input.Length, bytes.Length)].CopyTo(bytes);
        Reseal.Keys(bytes[TableAt..]);
        Reseal.Keys(bytes);
        var table = KeyTableFile.Decode(bytes, "input");
        var again = new byte[KeyTableFile.Size];
        KeyTableFile.Encode(table, again);
        FindException.Unless(bytes.SequenceEqual(again), "A key file has two encodings.");
    }
}
