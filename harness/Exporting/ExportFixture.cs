using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.VirtualDisks;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.Exports;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Progress;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Exporting;

/// <summary>A source with a history, its chain, and the content of every point, kept apart.</summary>
internal sealed class ExportFixture : IDisposable
{
    private readonly List<byte[]> points = [];

    public ExportFixture(int size, int? blockSize = null)
    {
        Size = size;
        BlockSize = blockSize;
        Source = Folder.Sparse("source.raw", size);
        Content = new byte[size];
    }

    public TempFolder Folder { get; } = new("export");

    public int Size { get; }

    public int? BlockSize { get; }

    public string Source { get; }

    /// <summary>What the source holds now.</summary>
    public byte[] Content { get; private set; }

    public string Chain { get; private set; } = "";

    /// <summary>What the source held at an image, from 1.</summary>
    public byte[] At(int sequence) => points[sequence - 1];

    public string Image(int sequence) => $"{Chain}@{sequence}";

    public void Dispose() => Folder.Dispose();

    /// <summary>Writes noise, or zeros for a seed of 0, into the source.</summary>
    public void Write(long offset, int length, int seed)
    {
        var bytes = new byte[length];
        if (seed != 0)
        {
            new Random(seed).NextBytes(bytes);
        }

        bytes.CopyTo(Content, offset);
        using var file = new FileStream(Source, FileMode.Open, FileAccess.Write);
        file.Position = offset;
        file.Write(bytes);
    }

    public void Resize(int size)
    {
        var content = Content;
        Array.Resize(ref content, size);
        Content = content;
        using var file = new FileStream(Source, FileMode.Open, FileAccess.Write);
        file.SetLength(size);
    }

    /// <summary>Images the source as it is now.</summary>
    public void Backup()
    {
        var result = Tidemark.Engine.Operations.Backups.Backup.Run(
            new BackupRequest { Source = SourceLocation.Parse(Source), Store = StoreLocation.Parse(Folder.At("store")), Chain = "chain", BlockSize = BlockSize }, NoObserver.Instance,
            TestContext.Current.CancellationToken);
        Chain = result.Chain;
        points.Add([.. Content]);
    }

    public ExportResult Export(string image, string file, ExportFormat? format = null, string? onBase = null, long? blockSize = null) =>
        Tidemark.Engine.Operations.Exports.Export.Run(
            new ExportRequest
            {
                Image = ImageAddress.Parse(image),
                File = TargetLocation.Parse(Folder.At(file)),
                Format = format,
                Base = onBase is null ? null : Folder.At(onBase),
                BlockSize = blockSize,
            },
            NoObserver.Instance,
            TestContext.Current.CancellationToken);

    /// <summary>Fails unless a virtual disk reads as the content, with zeros up to its last sector, in the project's own reader.</summary>
    public void AssertDisk(byte[] content, string file)
    {
        using var disk = VirtualDisks.Disks.Open(RawDevice.OpenRead(Folder.At(file)), ParentFiles.Open);
        VirtualDisks.Disks.AssertContent(Padded(content, (int)disk.Length), disk);
    }

    /// <summary>Fails unless qemu reads the content from a file, with zeros up to its last sector.</summary>
    public void AssertInQemu(byte[] content, string file, string format)
    {
        Tool.Require("qemu-img");
        var raw = Folder.At("judged.raw");
        Tool.Run("qemu-img", "convert", "-f", format, "-O", "raw", Folder.At(file), raw);
        var its = File.ReadAllBytes(raw);
        File.Delete(raw);
        var expected = Padded(content, its.Length);
        var same = expected.AsSpan().CommonPrefixLength(its);
        Assert.True(same == its.Length, $"{file} differs in qemu at byte {same} of {its.Length}");
    }

    private static byte[] Padded(byte[] content, int length)
    {
        Assert.InRange(length, content.Length, content.Length + 4095);
        var padded = content;
        Array.Resize(ref padded, length);
        return padded;
    }
}
