using Tidemark.Engine;
using Tidemark.Engine.Images;
using Tidemark.Engine.Stores;
using Tidemark.Fuzz.Inputs;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Targets;

/// <summary>A repair file with its checksums right, and the parts of an image as it has them, read in pieces of all sizes.</summary>
internal static class RepairFileTarget
{
    private const string Name = "000001.001.tdr";

    /// <summary>Parts that are read, and reads of each.</summary>
    private const int MostParts = 4;
    private const int MostReads = 64;

    /// <summary>More than the largest piece, so that a read takes in several.</summary>
    private const int ReadSize = RepairFile.MaxPiece + 4096;

    private static readonly byte[] Part = new byte[8192];
    private static readonly GuardedMemory Memory = new(ReadSize);

    internal static void Run(ReadOnlySpan<byte> input)
    {
        var bytes = input.ToArray();
        Reseal.RepairFile(bytes);
        var folder = new MemoryStoreFolder("input", "input");
        Store(folder, Name, bytes);
        Store(folder, "000001.tdi", Part);
        var repair = RepairFile.Read(folder, Name);
        _ = repair.Check(folder, default);
        for (var i = 0; i < Math.Min(MostParts, repair.Lengths.Count); i++)
        {
            using var source = folder.OpenRead(Name);
            using var part = new PatchedFile(
                $"part {i}", i == 0 ? folder.OpenRead("000001.tdi") : null, source, repair.PiecesOf(i), repair.Lengths[i]);
            var pieces = repair.PiecesOf(i);
            var reads = 0;
            foreach (var piece in pieces.Span)
            {
                Read(part, piece.Offset - 1, piece.Length + 2, piece);
                if (reads++ == MostReads)
                {
                    break;
                }
            }

            Read(part, 0, ReadSize, null);
            Read(part, part.Length - 1, 2, null);
        }
    }

    /// <summary>A byte of a piece is the repair file's; what lies outside the part, or is lost, is named as damage.</summary>
    private static void Read(PatchedFile file, long offset, int count, RepairPiece? piece)
    {
        var from = Math.Max(0, offset);
        var buffer = Memory.Take((int)Math.Min(count, ReadSize));
        try
        {
            file.ReadAt(from, buffer);
            FindException.Unless(from + buffer.Length <= file.Length, $"Bytes {from} to {from + buffer.Length} of {file.Length} were read.");
        }
        catch (TidemarkException e) when (e.Error == TidemarkError.Damaged)
        {
            if (piece is { } its)
            {
                file.ReadAt(its.Offset, Memory.Take(its.Length));
            }
        }
    }

    private static void Store(MemoryStoreFolder folder, string name, ReadOnlySpan<byte> bytes)
    {
        using var writer = folder.Create(name);
        writer.Append(bytes);
        writer.Complete();
    }
}
