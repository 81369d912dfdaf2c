using Tidemark.Engine;
using Tidemark.Engine.Format;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Packing;
using Tidemark.Engine.Progress;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Figures;

/// <summary>What runs over one fixed volume read, store and take from the heap, held against what is recorded.</summary>
public class ByteFigureTests
{
    private const int VolumeBytes = 32 << 20;

    private const int BlockSize = 4096;

    /// <summary>One block in a hundred.</summary>
    private const int ChangedBlocks = VolumeBytes / BlockSize / 100;

    /// <summary>An image's metadata has times and names of the machine, which are a few bytes longer or shorter.</summary>
    private const double Bytes = 0.02;

    /// <summary>An image of nothing but that and the paths in it.</summary>
    private const double Metadata = 0.1;

    /// <summary>Every processor has a worker with buffers of its own, so the heap's figure holds for as many alone.</summary>
    private const int RecordedProcessors = 2;

    /// <summary>A collection that another test causes closes an allocation window of 8 KiB.</summary>
    private const double Heap = 0.15;

    [Fact]
    public void Bytes_and_allocations_are_what_they_were()
    {
        Assert.SkipUnless(ZstdCodec.Note is null, "The figures are those of the native zstd library.");
        using var folder = new TempFolder();
        var source = folder.At("volume");
        File.WriteAllBytes(source, FileTree.Content(new Random(1), VolumeBytes));
        var store = folder.At("store");
        foreach (var codec in new[] { Codec.Zstd, Codec.Lz4 })
        {
            var full = Backup.Run(Request(source, store, codec), NoObserver.Instance, TestContext.Current.CancellationToken);
            FigureBook.Check($"full, {codec}: stored bytes", full.StoredBytes, Bytes);
            FigureBook.Check($"full, {codec}: index bytes", full.IndexBytes, Bytes);
            FigureBook.Check($"full, {codec}: read bytes", full.ReadBytes, 0);
        }

        var heap = long.MaxValue;
        for (var i = 0; i < 3; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var same = Backup.Run(Request(source, store, Codec.Zstd), NoObserver.Instance, TestContext.Current.CancellationToken);
            heap = Math.Min(heap, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.Equal(0, same.ChangedBlocks);
            FigureBook.Check("nothing changed: stored bytes", same.StoredBytes, Metadata);
            FigureBook.Check("nothing changed: read bytes", same.ReadBytes, 0);
        }

        if (Environment.ProcessorCount == RecordedProcessors)
        {
            FigureBook.Check("nothing changed: bytes from the heap", heap, Heap);
        }

        Change(source);
        var part = Backup.Run(Request(source, store, Codec.Zstd), NoObserver.Instance, TestContext.Current.CancellationToken);
        Assert.Equal(ChangedBlocks, part.ChangedBlocks);
        FigureBook.Check("1 % changed: stored bytes", part.StoredBytes, Bytes);
        FigureBook.Check("1 % changed: index bytes", part.IndexBytes, Bytes);
    }

    private static BackupRequest Request(string source, string store, Codec codec) => new()
    {
        Source = SourceLocation.Parse(source),
        Store = StoreLocation.Parse(store),
        Chain = codec.ToString(),
        Codec = codec,
    };

    private static void Change(string source)
    {
        var random = new Random(2);
        using var file = new FileStream(source, FileMode.Open, FileAccess.Write);
        var blocks = new HashSet<int>();
        while (blocks.Count < ChangedBlocks)
        {
            var block = random.Next(VolumeBytes / BlockSize);
            if (blocks.Add(block))
            {
                file.Position = (long)block * BlockSize;
                var page = FileTree.Content(random, BlockSize);
                page[0] |= 1;
                file.Write(page);
            }
        }
    }
}
