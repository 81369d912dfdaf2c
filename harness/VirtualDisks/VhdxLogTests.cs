using Tidemark.Engine;
using Tidemark.Engine.Devices.VirtualDisks.Vhdx;
using Xunit;

namespace Tidemark.Harness.VirtualDisks;

/// <summary>Files that were not closed: what the log says holds, and the file below is never written.</summary>
public sealed class VhdxLogTests : IDisposable
{
    private const int MiB = VhdxBuilder.MiB;
    private const int DiskSize = 4 * MiB;
    private const int RingSectors = 2 * MiB / 4096;
    private static readonly Guid LogId = new("BBBBBBBB-0000-0000-0000-000000000001");
    private readonly string folder = Directory.CreateTempSubdirectory("tidemark-vl-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(RingSectors - 1)]
    [InlineData(RingSectors - 2)]
    [InlineData(RingSectors - 3)]
    [InlineData(RingSectors - 5)]
    public void A_log_is_replayed_wherever_it_lies_in_the_ring(int start)
    {
        var (file, content) = Dirty();
        var log = new VhdxLogBuilder(file, LogId) { Next = start, Tail = start };
        Overwrite(log, content, 0, 4096, 21);
        Overwrite(log, content, 4096, 8192, 22);
        Overwrite(log, content, 0, 4096, 23);
        log.Append((FirstBlock + 8192, null, 4096));
        content.AsSpan(8192, 4096).Clear();

        // qemu doesn't look at the tail, and takes the entries that lie behind the ring's end for the whole sequence.
        Check(file, content, askQemu: start is 0 or 7);
    }

    [Fact]
    public void Later_entries_win_over_earlier_ones_and_zeros_over_data()
    {
        var (file, content) = Dirty();
        var log = new VhdxLogBuilder(file, LogId);
        Overwrite(log, content, 0, 65536, 31);
        log.Append((FirstBlock + 4096, null, 16384));
        content.AsSpan(4096, 16384).Clear();
        Overwrite(log, content, 8192, 4096, 32);
        Check(file, content);
    }

    [Fact]
    public void A_table_that_only_the_log_holds_is_used()
    {
        var (file, content) = Dirty();
        var table = file.AsSpan(VhdxBuilder.BatOffset, 4096).ToArray();
        file.AsSpan(VhdxBuilder.BatOffset, 4096).Clear();
        var metadata = file.AsSpan(VhdxBuilder.MetadataOffset, 4096).ToArray();
        file.AsSpan(VhdxBuilder.MetadataOffset, 4096).Clear();
        var log = new VhdxLogBuilder(file, LogId);
        log.Append((VhdxBuilder.BatOffset, table, 0), (VhdxBuilder.MetadataOffset, metadata, 0));
        Check(file, content);
    }

    [Fact]
    public void A_file_that_the_log_makes_longer_is_longer()
    {
        var (file, content) = Dirty();
        var log = new VhdxLogBuilder(file, LogId) { LastFileOffset = (ulong)file.Length + (2 * MiB) };
        var table = file.AsSpan(VhdxBuilder.BatOffset, 4096).ToArray();
        VhdxBuilder.WriteBat(file, 1, new VhdxBatEntry(VhdxBlockState.FullyPresent, (ulong)file.Length));
        var newTable = file.AsSpan(VhdxBuilder.BatOffset, 4096).ToArray();
        table.CopyTo(file, VhdxBuilder.BatOffset);
        var data = Disks.Pattern(4096, 5);
        log.Append((VhdxBuilder.BatOffset, newTable, 0), (file.Length + 4096, data, 0));
        data.CopyTo(content, (2 * MiB) + 4096);

        // qemu 7.2 doesn't make a file longer whose new length is whole MiB.
        Check(file, content, askQemu: false);
    }

    [Fact]
    public void Only_the_newest_sequence_counts_and_only_from_its_tail()
    {
        var (file, content) = Dirty();
        var log = new VhdxLogBuilder(file, LogId) { Number = 10, Next = 20, Tail = 20 };
        log.Append((FirstBlock, Disks.Pattern(4096, 98), 0));
        log.Append((FirstBlock + 4096, Disks.Pattern(4096, 99), 0));

        // The first of the new sequence is before the tail that the last one names: it is done already.
        log = new VhdxLogBuilder(file, LogId) { Number = 100, Next = 100, Tail = 100 };
        log.Append((FirstBlock, Disks.Pattern(4096, 97), 0));
        log.Tail = log.Next;
        Overwrite(log, content, 8192, 4096, 41);
        Overwrite(log, content, 12288, 4096, 42);
        Check(file, content, askQemu: false);
    }

    [Theory]
    [InlineData(126)]
    [InlineData(127)]
    [InlineData(300)]
    public void An_entry_with_many_descriptors_is_replayed(int count)
    {
        var (file, content) = Dirty();
        var log = new VhdxLogBuilder(file, LogId);
        Overwrite(log, content, 0, count * 4096, 51);

        // 126 descriptors fit into the first sector; qemu 7.2 reads the further ones over the first.
        Check(file, content, askQemu: count <= 126);
    }

    [Fact]
    public void A_torn_last_entry_leaves_the_sequence_before_it()
    {
        var (file, content) = Dirty();
        var log = new VhdxLogBuilder(file, LogId);
        Overwrite(log, content, 0, 4096, 61);
        var torn = log.Append((FirstBlock + 4096, Disks.Pattern(8192, 62), 0));
        file[VhdxBuilder.LogOffset + ((torn + 2) * 4096) + 100] ^= 1;
        Check(file, content);
    }

    [Fact]
    public void A_log_without_a_sequence_is_damage()
    {
        var (file, _) = Dirty();
        var error = Assert.Throws<TidemarkException>(() => Disks.Open(file));
        Assert.Equal(TidemarkError.Damaged, error.Error);
        Assert.Contains("no complete sequence", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_shorter_than_its_log_says_is_damage()
    {
        var (file, _) = Dirty();
        new VhdxLogBuilder(file, LogId) { FlushedFileOffset = (ulong)file.Length + 1 }.Append((FirstBlock, null, 4096));
        var error = Assert.Throws<TidemarkException>(() => Disks.Open(file));
        Assert.Contains("when its log was written", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Entries_of_another_log_are_not_replayed()
    {
        var (file, content) = Dirty();
        var log = new VhdxLogBuilder(file, LogId);
        Overwrite(log, content, 0, 4096, 71);
        var foreign = new VhdxLogBuilder(file, new Guid("CCCCCCCC-0000-0000-0000-000000000001"))
        {
            Number = 1000,
            Next = 50,
            Tail = 50,
        };
        foreign.Append((FirstBlock, Disks.Pattern(4096, 72), 0));
        Check(file, content);
    }

    [Fact]
    public void Overlapping_writes_flatten_to_what_an_array_would_hold()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var expected = new int[64];
            Array.Fill(expected, int.MinValue);
            var writes = new List<VhdxLogWrite>();
            for (var i = 0; i < random.Next(1, 12); i++)
            {
                var offset = random.Next(60);
                var length = random.Next(1, 64 - offset + 1);
                var position = random.Next(3) == 0 ? VhdxLogWrite.Zeros : i * 1000;
                writes.Add(new VhdxLogWrite(offset, length, position));
                for (var k = 0; k < length; k++)
                {
                    expected[offset + k] = position == VhdxLogWrite.Zeros ? -1 : position + k;
                }
            }

            var actual = new int[64];
            Array.Fill(actual, int.MinValue);
            long end = 0;
            foreach (var piece in ReplayedFile.Flatten(writes))
            {
                Assert.True(piece.Length > 0 && piece.Offset >= end, $"seed {seed}");
                end = piece.End;
                for (var k = 0; k < piece.Length; k++)
                {
                    actual[piece.Offset + k] = piece.LogPosition == VhdxLogWrite.Zeros ? -1 : piece.LogPosition + k;
                }
            }

            Assert.Equal(expected, actual);
        }
    }

    private static int FirstBlock => 5 * MiB;

    private static (byte[] File, byte[] Content) Dirty()
    {
        var builder = new VhdxBuilder(DiskSize) { LogGuid = LogId, BlockSize = 2 * MiB };
        var content = Disks.Pattern(2 * MiB, 1);
        builder.Write(0, content);
        Array.Resize(ref content, DiskSize);
        return (builder.Build(), content);
    }

    private static void Overwrite(VhdxLogBuilder log, byte[] content, int offset, int length, int seed)
    {
        var data = Disks.Pattern(length, seed);
        log.Append((FirstBlock + offset, data, 0));
        data.CopyTo(content, offset);
    }

    private void Check(byte[] file, byte[] content, bool askQemu = true)
    {
        var before = (byte[])file.Clone();
        using (var disk = Disks.Open(file))
        {
            Disks.AssertContent(content, disk);
        }

        Assert.Equal(before, file);
        if (!askQemu)
        {
            return;
        }

        // qemu replays the log in its copy, and must come to the same content.
        var path = Path.Combine(folder, "dirty.vhdx");
        var raw = Path.Combine(folder, "dirty.raw");
        File.WriteAllBytes(path, file);
        Qemu.Img("check", "-q", "-r", "all", "-f", "vhdx", path);
        Qemu.Img("convert", "-f", "vhdx", "-O", "raw", path, raw);
        Assert.Equal(content, File.ReadAllBytes(raw));
    }
}
