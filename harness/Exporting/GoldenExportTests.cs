using Tidemark.Engine.Operations;
using Tidemark.Engine.Pipelines;
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
    [InlineData(ExportFormat.Vhd, "daea015f6f89858385e533ce875b031dc1fe8c4db3d109f17b02b6d8e57a972a")]
    [InlineData(ExportFormat.VhdFixed, "29b71f2431672dfa96ea4fcffe7a24ac5ae9e84e09140a20c5f04bbde221b06b")]
    [InlineData(ExportFormat.Vhdx, "b6758538703fe3f8512fa7c84f99e238e65f004fd8cd6653075a7209d84254a3")]
    [InlineData(ExportFormat.Qcow2, "1b074dcb8e61890f4d866e49b47c0ff9db3acd9707f612a6689b893887c5b6ec")]
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
        Assert.Equal("c527cc334f73ca2320032e0d2bb5fbc6064f81fa95c3123c427898f045b4c635", FileTree.Hash(folder.At("2.qcow2")));
    }

    private static string Image(int sequence) => $"{GoldenFiles.PathOf(Chain)}@{sequence}";

    private static ImageDetails Show(int sequence) => Catalog.Show(Image(sequence), KeyOptions.None);

    private void Export(int sequence, string file, ExportFormat format, string? below) => Tidemark.Engine.Operations.Export.Run(
        new ExportRequest
        {
            Image = Image(sequence),
            File = folder.At(file),
            Format = format,
            Base = below is null ? null : folder.At(below),
        },
        NoObserver.Instance,
        TestContext.Current.CancellationToken);
}
