using System.Runtime.CompilerServices;
using FsCheck;
using FsCheck.Fluent;
using Tidemark.Engine.Devices.VirtualDisks;
using Tidemark.Engine.Devices.VirtualDisks.Vhd;
using Tidemark.Engine.Devices.VirtualDisks.Vhdx;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.VirtualDisks;

/// <summary>Random chains of differencing disks against one array that takes every write.</summary>
public class DifferencingHistoryTests
{
    private const int MiB = 1 << 20;

    /// <summary>A write of one layer, in units that the disk scales: sectors for VHD, 4 KiB for VHDX.</summary>
    private sealed record Step(int Layer, int Start, int Count, int Seed);

    [Fact]
    public void A_chain_of_VHDs_equals_the_oracle()
    {
        const int sectors = 512;
        Run(sectors, (layers, steps) =>
        {
            var content = new byte[sectors * 512];
            var files = new List<(string Name, byte[] File)>();
            for (var layer = 0; layer < layers; layer++)
            {
                var builder = new VhdBuilder(content.Length, VhdId(layer))
                {
                    BlockSize = layer % 2 == 0 ? 32768u : 4096u,
                    ParentId = layer == 0 ? null : VhdId(layer - 1),
                    ParentNames = layer == 0 ? [] : [(VhdParentLocator.RelativeWindowsPath, $@"..\x\{layer - 1}.vhd")],
                };
                Apply(layer, steps, 512, content, builder.Write);
                files.Add(($"../x/{layer}.vhd", builder.BuildDynamic()));
            }

            using var disk = Disks.Open(files[^1].File, Disks.From([.. files]));
            Disks.AssertContent(content, disk);
            Assert.Equal(VhdId(0), disk.UniqueId);
        });
    }

    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    public void A_chain_of_VHDXs_equals_the_oracle(int sectorSize)
    {
        const int units = 3 * MiB / 4096;
        Run(units, (layers, steps) =>
        {
            var content = new byte[3 * MiB];
            var files = new List<(string Name, byte[] File)>();
            for (var layer = 0; layer < layers; layer++)
            {
                var builder = new VhdxBuilder(content.Length)
                {
                    SectorSize = sectorSize,
                    BlockSize = layer % 2 == 0 ? MiB : 2 * MiB,
                    DataWriteGuid = VhdId(layer),
                    Parent = layer == 0 ? null : VhdxTests.Locator(VhdId(layer - 1), $@"..\x\{layer - 1}.vhdx"),
                };
                Apply(layer, steps, 4096, content, builder.Write);
                files.Add(($"../x/{layer}.vhdx", builder.Build()));
            }

            using var disk = Disks.Open(files[^1].File, Disks.From([.. files]));
            Disks.AssertContent(content, disk);
        });
    }

    private delegate void Write(long offset, ReadOnlySpan<byte> data);

    private static void Apply(int layer, Step[] steps, int unit, byte[] content, Write write)
    {
        foreach (var step in steps.Where(s => s.Layer == layer))
        {
            var data = step.Seed % 5 == 0 ? new byte[step.Count * unit] : Disks.Pattern(step.Count * unit, step.Seed);
            write((long)step.Start * unit, data);
            data.CopyTo(content, step.Start * unit);
        }
    }

    private static void Run(int units, Action<int, Step[]> check, [CallerMemberName] string name = "")
    {
        var step =
            from layer in Gen.Choose(0, 3)
            from start in Gen.Choose(0, units - 1)
            from length in Gen.Choose(1, 1 + (units / 3))
            from seed in Gen.Choose(0, 1000)
            select new Step(layer, start, Math.Min(length, units - start), seed);
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {Seed.Replay}");
        var config = Config.QuickThrowOnFailure.WithMaxTest(15).WithReplay(Seed.Of(name), Seed.Of(name + "/increment") | 1);
        Prop.ForAll(
            Gen.Choose(1, 4).ToArbitrary(),
            step.ArrayOf().ToArbitrary(),
            (layers, steps) => check(layers, steps)).Check(config);
    }

    private static Guid VhdId(int layer) => new($"{layer:X8}-4455-6677-8899-aabbccddeeff");
}
