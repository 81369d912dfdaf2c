using System.Globalization;
using Tidemark.Harness.Support;

namespace Tidemark.Harness.RealDisks;

/// <summary>What differs between two states of a disk, block by block, and how it gets into a container.</summary>
internal static class DiskChanges
{
    /// <summary>Pieces written into a container at once; the tool takes any, and larger ones make fewer commands.</summary>
    private const int MaxPiece = 1 << 20;

    /// <summary>The numbers of the blocks in which two raw files of one length differ.</summary>
    public static List<long> Blocks(string before, string after, int blockSize)
    {
        using var one = File.OpenRead(before);
        using var other = File.OpenRead(after);
        var (a, b) = (new byte[MaxPiece], new byte[MaxPiece]);
        var blocks = new List<long>();
        for (long at = 0; at < one.Length; at += MaxPiece)
        {
            var count = one.ReadAtLeast(a, MaxPiece, throwOnEndOfStream: false);
            other.ReadExactly(b.AsSpan(0, count));
            if (a.AsSpan(0, count).SequenceEqual(b.AsSpan(0, count)))
            {
                continue;
            }

            for (var i = 0; i < count; i += blockSize)
            {
                var size = Math.Min(blockSize, count - i);
                if (!a.AsSpan(i, size).SequenceEqual(b.AsSpan(i, size)))
                {
                    blocks.Add((at + i) / blockSize);
                }
            }
        }

        return blocks;
    }

    /// <summary>
    /// Has qemu-io write those blocks of a raw file into a container, which keeps its identity and its form, as it does
    /// when a virtual machine writes.
    /// </summary>
    public static void Apply(TempFolder folder, string raw, IReadOnlyList<long> blocks, int blockSize, string container, string format)
    {
        var commands = new List<string> { "-f", format };
        using (var file = File.OpenRead(raw))
        {
            for (var i = 0; i < blocks.Count;)
            {
                var count = 1;
                while (i + count < blocks.Count && blocks[i + count] == blocks[i] + count && (count + 1) * blockSize <= MaxPiece)
                {
                    count++;
                }

                var bytes = new byte[Math.Min((long)count * blockSize, file.Length - (blocks[i] * blockSize))];
                file.Position = blocks[i] * blockSize;
                file.ReadExactly(bytes);
                var piece = folder.At(string.Create(CultureInfo.InvariantCulture, $"piece{i}"));
                File.WriteAllBytes(piece, bytes);
                commands.AddRange(["-c", string.Create(CultureInfo.InvariantCulture, $"write -q -s {piece} {file.Position - bytes.Length} {bytes.Length}")]);
                i += count;
            }
        }

        Tool.Run("qemu-io", [.. commands, container]);
        foreach (var piece in Directory.EnumerateFiles(folder, "piece*"))
        {
            File.Delete(piece);
        }
    }
}
