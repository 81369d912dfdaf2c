using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Progress;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Properties;

/// <summary>A volume far larger than its content costs what its content costs.</summary>
public class LargeVolumeTests
{
    private const long MiB = 1 << 20;
    private const long TiB = 1L << 40;

    /// <summary>Content at the beginning, in the middle and at the end.</summary>
    private static readonly long[] Places = [0, 1 * TiB + 4096, 7 * TiB, 16 * TiB - 4 * MiB];

    [Fact]
    public void Sixteen_TiB_with_little_in_them_cost_what_is_in_them()
    {
        Tool.Require("stat");
        using var folder = new TempFolder("large");
        var source = folder.At("source");
        var random = Seed.Random();
        using (var file = new FileStream(source, FileMode.CreateNew))
        {
            try
            {
                // ext4 ends one block before 16 TiB.
                file.SetLength((16 * TiB) - MiB);
            }
            catch (IOException e)
            {
                Assert.Skip($"The file system of {folder.Path} takes no file of 16 TiB: {e.Message}");
            }

            foreach (var place in Places)
            {
                Write(file, place, random, (int)(2 * MiB));
            }
        }

        if (new FileInfo(source) is { Length: > TiB } && AllocatedBytes(source) > 100 * MiB)
        {
            Assert.Skip($"The file system of {folder.Path} has no holes.");
        }

        // What is read is what it takes: the rest are holes that the file system knows.
        var full = Backup(folder, source);
        Assert.Equal((16 * TiB) - MiB, full.SourceBytes);
        Assert.Equal(full.SourceBytes / 4096, full.ChangedBlocks);
        Assert.InRange(full.ReadBytes, 8 * MiB, 64 * MiB);
        Assert.InRange(full.StoredBytes, 8 * MiB, 16 * MiB);
        Assert.InRange(full.IndexBytes, 1, MiB);

        using (var file = new FileStream(source, FileMode.Open))
        {
            Write(file, 9 * TiB, random, 64 << 10);
        }

        var increment = Backup(folder, source);
        Assert.Equal(16, increment.ChangedBlocks);
        Assert.InRange(increment.StoredBytes, 64 << 10, 128 << 10);
        var nothing = Backup(folder, source);
        Assert.Equal(0, nothing.ChangedBlocks);
        Assert.InRange(nothing.ReadBytes, 8 * MiB, 64 * MiB);

        var restored = folder.At("restored");
        Assert.Empty(Restore.Run(new RestoreRequest { Image = ImageAddress.Parse(full.Chain), Target = TargetLocation.Parse(restored) }, NoObserver.Instance).Damaged);
        Assert.Equal(new FileInfo(source).Length, new FileInfo(restored).Length);
        Assert.InRange(AllocatedBytes(restored), 8 * MiB, 64 * MiB);
        using var one = File.OpenRead(source);
        using var other = File.OpenRead(restored);
        foreach (var place in Places.Append(9 * TiB))
        {
            Assert.Equal(Read(one, place), Read(other, place));
        }
    }

    private static void Write(FileStream file, long offset, Random random, int length)
    {
        var content = new byte[length];
        random.NextBytes(content);
        file.Position = offset;
        file.Write(content);
    }

    private static byte[] Read(FileStream file, long offset)
    {
        var content = new byte[2 * MiB];
        file.Position = offset;
        file.ReadExactly(content);
        return content;
    }

    private static long AllocatedBytes(string path) =>
        512 * long.Parse(Tool.Run("stat", "--format=%b", path).Output, System.Globalization.CultureInfo.InvariantCulture);

    private static BackupResult Backup(TempFolder folder, string source) => Tidemark.Engine.Operations.Backups.Backup.Run(
        new BackupRequest { Source = SourceLocation.Parse(source), Store = StoreLocation.Parse(folder.At("store")) }, NoObserver.Instance);
}
