using Tidemark.Engine.Keys;
using Tidemark.Fuzz.Inputs;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Targets;

/// <summary>A table of key slots; opening it with a key file's key, which is never stretched.</summary>
internal static class KeyTableTarget
{
    private static readonly GuardedMemory Memory = new(KeySlotTable.Size);

    internal static void Run(ReadOnlySpan<byte> input)
    {
        var bytes = Memory.Take(KeySlotTable.Size);
        bytes.Clear();
        input[..Math.Min(input.Length, bytes.Length)].CopyTo(bytes);
        Reseal.Keys(bytes);
        var table = KeySlotTable.Read(bytes, "input");
        var again = new byte[KeySlotTable.Size];
        table.Write(again);
        FindException.Unless(bytes.SequenceEqual(again), "A table has two encodings.");
        using var source = KeySource.FromKey(new byte[KeySource.MinKeyFileBytes]);
        using var keys = KeyOperations.Unlock(table, source, "input");
    }
}
