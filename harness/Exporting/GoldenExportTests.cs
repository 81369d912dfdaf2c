using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Catalogs;
using Tidemark.Engine.Operations.Exports;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Progress;
using Tidemark.Harness.Golden;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Exporting;

/// <summary>
/// What a golden image is exported to, byte for byte: whoever keeps exported files, or builds on one as a base, relies on it
/// from one version to the next.
/// </summary>
public sealed class GoldenExportTests : IDisposable
{
    private const string Chain = "differential";

    private readonly TempFolder folder = new("golden-export");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(ExportFormat.Raw, "466a9ade7c27953e8b31f8f40cf14653e7d78ec848668db460cb0c1d49e0ad48")]
    [InlineData(ExportFormat.Vhd, "c6fcc2790393edcb99cd9869d026d00f7ad890f41039182bdf4f317c9157672e")]
    [InlineData(ExportFormat.VhdFixed, "27f3c68cbbc65d990fce2a2da1515fd74cd9d7317222b4ba8b564f0459c13348")]
    [InlineData(ExportFormat.Vhdx, "2fdf91a4bd343c7a24504249dbbea2b57374e7bb9b342f5d3c190028a8051920")]
    [InlineData(ExportFormat.Qcow2, "9e7572e539a9c8105fa78f886b67583e97da99121b53c2ed14501aa4d1154608")]
    public void A_golden_image_gives_the_same_bytes_in_every_version(ExportFormat format, string sha256)
    {
        Export(2, "disk", format, null);
        Assert.Equal(sha256, FileTree.Hash(folder.At("disk")));
        Assert.Equal(
            Show(2).Summary.Created.UtcDateTime, File.GetLastWriteTimeUtc(folder.At("disk")), TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void And_so_it_does_on_a_base()
    {
        Export(1, "1.qcow2", ExportFormat.Qcow2, null);
        Export(2, "2.qcow2", ExportFormat.Qcow2, "1.qcow2");
        Assert.Equal("18593d47d068e97434a885a630d77c2a98b3b6f8647d39d719dfcbe0fcc68a15", FileTree.Hash(folder.At("2.qcow2")));
    }

    private static string Image(int sequence) => $"{GoldenFiles.PathOf(Chain)}@{sequence}";

    private static ImageDetails Show(int sequence) => Catalog.Show(ImageAddress.Parse(Image(sequence)), KeyOptions.None);

    private void Export(int sequence, string file, ExportFormat format, string? below) => Tidemark.Engine.Operations.Exports.Export.Run(
        new ExportRequest
        {
            Image = ImageAddress.Parse(Image(sequence)),
            File = TargetLocation.Parse(folder.At(file)),
            Format = format,
            Base = below is null ? null : folder.At(below),
        },
        NoObserver.Instance,
        TestContext.Current.CancellationToken);
}
