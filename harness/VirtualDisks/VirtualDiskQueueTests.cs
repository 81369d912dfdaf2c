using Tidemark.Engine;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.VirtualDisks;
using Tidemark.Engine.Devices.VirtualDisks.Vhd;
using Tidemark.Engine.Io;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.VirtualDisks;

/// <summary>Virtual disks through queues, on files as the engine opens them and on memory.</summary>
[DiffersBySystem]
public sealed class VirtualDiskQueueTests : IDisposable
{
    private const int MiB = 1 << 20;
    private static readonly Guid BaseId = new("00112233-4455-6677-8899-aabbccddeeff");
    private static readonly Guid ChildId = new("10112233-4455-6677-8899-aabbccddeeff");
    private readonly string folder = Directory.CreateTempSubdirectory("tidemark-vq-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_VHDX_on_a_file_reads_through_the_files_queue()
    {
        var content = Disks.Pattern(8 * MiB, 1);
        content.AsSpan(3 * MiB, 2 * MiB).Clear();
        var builder = new VhdxBuilder(content.Length);
        builder.Write(0, content.AsSpan(0, 3 * MiB));
        builder.Write(5 * MiB, content.AsSpan(5 * MiB, 3 * MiB));
        using var disk = Disks.Open(OnDisk("disk.vhdx", builder.Build()));
        AssertQueue(content, disk);
        using var own = RawDevice.OpenRead(Path.Combine(folder, "disk.vhdx")).OpenQueue(new IoQueueOptions(1, 4096));
        using var queue = disk.OpenQueue(new IoQueueOptions(1, 4096));
        Assert.Equal(own.Kind, queue.Kind);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_VHD_on_a_file_reads_through_the_files_queue(bool isFixed)
    {
        var content = Disks.Pattern((2 * MiB) + 1536, 2);
        var builder = new VhdBuilder(content.Length, BaseId) { BlockSize = MiB };
        builder.Write(0, content);
        using var disk = Disks.Open(OnDisk("disk.vhd", isFixed ? builder.BuildFixed() : builder.BuildDynamic()));
        AssertQueue(content, disk);
    }

    [Fact]
    public void A_chain_of_files_finds_its_parents_beside_it_and_in_other_folders()
    {
        var content = Disks.Pattern(2 * MiB, 3);
        var builder = new VhdBuilder(content.Length, BaseId);
        builder.Write(0, content);
        var child = new VhdBuilder(content.Length, ChildId)
        {
            ParentId = BaseId,
            ParentNames = [(VhdParentLocator.RelativeWindowsPath, @"..\base\base.vhd")],
        };
        var data = Disks.Pattern(MiB, 4);
        child.Write(4096, data);
        data.CopyTo(content, 4096);
        OnDisk("base/base.vhd", builder.BuildDynamic()).Dispose();
        using (var disk = Disks.Open(OnDisk("child/child.vhd", child.BuildDynamic()), ParentFiles.Open))
        {
            AssertQueue(content, disk);
        }

        // Moved together, away from where the name leads to.
        Directory.CreateDirectory(Path.Combine(folder, "moved", "both"));
        File.Move(Path.Combine(folder, "base/base.vhd"), Path.Combine(folder, "moved/both/base.vhd"));
        using (var disk = Disks.Open(OnDisk("moved/both/child.vhd", child.BuildDynamic()), ParentFiles.Open))
        {
            Disks.AssertContent(content, disk);
        }
    }

    [Fact]
    public void What_is_no_file_is_no_parent()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links to devices, and to themselves, are Linux's.");
        using var child = OnDisk("child.vhd", [1]);
        File.CreateSymbolicLink(Path.Combine(folder, "link"), "/dev/zero");
        Assert.Null(ParentFiles.Open(child, "link"));
        File.CreateSymbolicLink(Path.Combine(folder, "dangling"), "nowhere");
        File.CreateSymbolicLink(Path.Combine(folder, "loop"), "loop");
        Assert.Null(ParentFiles.Open(child, "dangling"));
        Assert.Throws<TidemarkException>(() => ParentFiles.Open(child, "loop"));
        Assert.Null(ParentFiles.Open(child, "no/such/folder/base.vhd"));
        Assert.Null(ParentFiles.Open(child, "."));
        Assert.Null(ParentFiles.Open(child, "gone.vhd"));
        Assert.Null(ParentFiles.Open(child, "C:/disks/base.vhd"));
        using var found = ParentFiles.Open(child, "./child.vhd");
        Assert.NotNull(found);
    }

    [Fact]
    public void A_failing_range_of_the_file_fails_the_transfers_that_touch_it_and_no_others()
    {
        var content = Disks.Pattern(MiB, 5);
        var builder = new VhdBuilder(content.Length, BaseId) { BlockSize = 64 << 10 };
        builder.Write(0, content);
        var file = new MemoryDevice(builder.BuildFixed());
        file.Fail(10_000, 1);
        using var disk = Disks.Open(file);
        using var queue = disk.OpenQueue(new IoQueueOptions(2, 4096));
        queue.SubmitRead(0, 8192, 4096);
        queue.SubmitRead(1, 12288, 4096);
        var completions = new IoCompletion[2];
        Assert.Equal(2, queue.Reap(completions, wait: true));
        Assert.Equal([new(0, 0, MemoryDevice.FailureError), new(1, 4096, 0)], completions);
        Assert.Throws<NotSupportedException>(() => queue.SubmitWrite(0, 0, 4096));
    }

    private RawDevice OnDisk(string name, byte[] file)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, file);
        return RawDevice.OpenRead(path);
    }

    private static void AssertQueue(byte[] content, VirtualDisk disk)
    {
        Disks.AssertContent(content, disk);
        var random = Seed.Random();
        using var queue = disk.OpenQueue(new IoQueueOptions(8, 256 << 10));
        var asked = new (int Offset, int Length)[queue.Depth];
        var free = new Stack<int>(Enumerable.Range(0, queue.Depth));
        var completions = new IoCompletion[queue.Depth];
        for (var left = 200; left > 0 || queue.InFlight > 0;)
        {
            while (left > 0 && free.TryPop(out var slot))
            {
                var offset = random.Next(content.Length / 512) * 512;
                var length = Math.Min(random.Next(1, 513) * 512, content.Length - offset);
                asked[slot] = (offset, length);
                queue.SubmitRead(slot, offset, length);
                left--;
            }

            var taken = queue.Reap(completions, wait: true);
            Assert.True(taken > 0);
            foreach (var done in completions.AsSpan(0, taken))
            {
                var (offset, length) = asked[done.Slot];
                Assert.Equal(new IoCompletion(done.Slot, length, 0), done);
                Assert.True(queue.Buffer(done.Slot)[..length].SequenceEqual(content.AsSpan(offset, length)));
                free.Push(done.Slot);
            }
        }
    }
}
