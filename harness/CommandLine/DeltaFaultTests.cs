using Tidemark.Engine.Devices;
using Tidemark.Harness.Devices;
using Tidemark.Harness.Serving;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>A restore onto an older copy of which some sectors can't be read.</summary>
public sealed class DeltaFaultTests : IDisposable
{
    private const int Size = 4 << 20;

    private const int BlockSize = 4096;

    private readonly TempFolder folder = new("deltafault");
    private readonly byte[] content;
    private readonly string chain;

    public DeltaFaultTests()
    {
        var source = Cli.Noise(folder, "source", Size);
        // Zeros, too, are written where the target can't be read.
        using (var file = new FileStream(source, FileMode.Open, FileAccess.Write))
        {
            file.Position = 1 << 20;
            file.Write(new byte[1 << 20]);
        }

        content = File.ReadAllBytes(source);
        chain = Cli.Backup(source, folder.At("store")).Text("chain");
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(300, 1)]
    [InlineData((1 << 20) + 8192, 512)]
    [InlineData(0, 512)]
    [InlineData(3 << 20, 64 << 10)]
    [InlineData(Size - 512, 512)]
    public void What_can_t_be_read_is_written_and_nothing_else(int offset, int length)
    {
        var memory = new MemoryDevice(content.ToArray());
        var disk = new BadSectorDevice(memory, heals: true);
        disk.Break(offset, length);
        using var place = new NbdPlace(disk);
        var result = TidemarkCli.Run("restore", chain, place.Address.ToString(), "--delta", "--force", "--json").Succeeded();
        Assert.True(memory.Content.SequenceEqual(content));
        disk.ReadAt(0, new byte[Size]);
        Assert.InRange(result.Result.Number("writtenBytes"), 0, length + (2 * BlockSize));
        if (offset >= BlockSize)
        {
            Assert.Contains("look after that disk", Assert.Single(result.Result.GetProperty("notes").EnumerateArray()).GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Sectors_that_stay_bad_make_the_restore_fail_and_the_target_says_that_it_isn_t_whole()
    {
        var memory = new MemoryDevice(content.ToArray());
        var disk = new BadSectorDevice(memory, heals: false);
        disk.Break((2 << 20) + 1024, 512);
        using var place = new NbdPlace(disk);
        var message = TidemarkCli.Run("restore", chain, place.Address.ToString(), "--delta", "--force", "--json").Refused(Cli.Failed, "failed");
        Assert.Contains("Restore to another disk", message, StringComparison.Ordinal);
        Assert.True(memory.Content.StartsWith("TMUNDONE"u8));
    }

    [Fact]
    public void A_target_whose_beginning_can_t_be_read_wants_force()
    {
        var memory = new MemoryDevice(content.ToArray());
        var disk = new BadSectorDevice(memory, heals: true);
        disk.Break(0, 512);
        using var place = new NbdPlace(disk);
        var message = TidemarkCli.Run("restore", chain, place.Address.ToString(), "--delta", "--json").Refused(Cli.WrongUse, "wrongUse");
        Assert.Contains("can't be read", message, StringComparison.Ordinal);
        Assert.True(memory.Content.SequenceEqual(content));
    }
}
