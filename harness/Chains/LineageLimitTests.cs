using Tidemark.Engine;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.Healing;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Stores;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Chains;

/// <summary>A point in time is made of so many images at most; a backup at the limit goes on by itself, and restores.</summary>
[Case("2.1")]
public sealed class LineageLimitTests
{
    private const int Limit = 6;
    private const int Length = 64 << 10;

    private readonly MemoryStoreFolder folder = new("store/chain", "chain");
    private readonly SourceIdentity identity =
        SourceIdentity.Of(new IdentityItem(IdentityKind.VhdUniqueId, "00000001-1111-2222-3333-444444444444"));

    private readonly Random random = Seed.Random();
    private readonly byte[] content = new byte[Length];
    private readonly Dictionary<long, byte[]> points = [];

    [Theory]
    [InlineData(BackupKind.Auto)]
    [InlineData(BackupKind.Incremental)]
    public void A_backup_at_the_limit_is_differential_and_says_so_and_every_point_restores(BackupKind kind)
    {
        for (var run = 1; run <= (2 * Limit) + 2; run++)
        {
            var (result, warnings) = Backup(run == 1 ? BackupKind.Auto : kind);
            var atLimit = run == Limit + 1 || run == (2 * Limit);
            Assert.Equal(atLimit ? ImageKind.Differential : run == 1 ? ImageKind.Full : ImageKind.Incremental, result.Kind);
            Assert.Equal(atLimit, warnings.Exists(w => w.Contains($"made of {Limit} images", StringComparison.Ordinal)));
            RequireAll();
        }
    }

    [Theory]
    [InlineData(Limit - 1)]
    [InlineData(Limit)]
    [InlineData(Limit + 1)]
    [InlineData(Limit + 2)]
    public void Healing_images_take_no_point_away_whatever_the_length(int runs)
    {
        var contents = new List<byte[]>();
        for (var run = 1; run <= runs; run++)
        {
            Backup(BackupKind.Auto);
            contents.Add(content.ToArray());
        }

        for (var sequence = 1; sequence <= runs; sequence++)
        {
            // A byte of its first frame; what the source held then heals it.
            var image = folder.Content(ImageNames.Part(sequence, 0));
            image.Flip(ImageFormat.HeaderSize + 600, 0x10);
            using var source = new MemoryDevice(contents[sequence - 1]);
            Heal.Run(folder, source, "/dev/simulated", null, NoObserver.Instance, TimeProvider.System, SystemRandomSource.Instance, default, workers: 0);
        }

        RequireAll();
        Backup(BackupKind.Auto);
        Backup(BackupKind.Auto);
        RequireAll();
        Assert.Contains(folder.List(), e => e.Name.EndsWith(ImageNames.HealingExtension, StringComparison.Ordinal));
    }

    [Fact]
    public void A_chain_that_went_beyond_the_limit_goes_on_from_where_it_can_be_restored()
    {
        for (var run = 1; run <= Limit + 2; run++)
        {
            Backup(BackupKind.Auto, limit: ImageFormat.MaxLineage);
        }

        var (result, warnings) = Backup(BackupKind.Auto);
        Assert.Equal(ImageKind.Differential, result.Kind);
        Assert.NotEmpty(warnings);
        using var chain = Chain.Load(folder, Limit);
        Assert.NotNull(chain.TryLineage(chain.Get(result.Sequence), out _));
        Assert.Null(chain.TryLineage(chain.Get(Limit + 2), out var problem));
        Assert.Contains($"more than {Limit} images", problem, StringComparison.Ordinal);
    }

    private (BackupResult Result, List<string> Warnings) Backup(BackupKind kind, int limit = Limit)
    {
        random.NextBytes(content.AsSpan(random.Next(Length / 8192) * 4096, 4096));
        var observer = new Listener();
        var request = new BackupRequest { Source = SourceLocation.Parse("/dev/simulated"), Store = StoreLocation.Parse("store"), Kind = kind, QueueDepth = 2, MaxLineage = limit };
        using var source = OpenedSource.Of(new MemoryDevice(content.ToArray()), request.Source, identity);
        var result = Tidemark.Engine.Operations.Backups.Backup.Into(
            folder, request, source, null, new RunClock(TimeProvider.System), observer, TimeProvider.System, SystemRandomSource.Instance, 0, default);
        points.Add(result.Sequence, content.ToArray());
        return (result, observer.Warnings);
    }

    private void RequireAll()
    {
        using var chain = Chain.Load(folder, Limit);
        Assert.Equal(points.Keys.Order(), chain.RestorablePoints());
        foreach (var (sequence, expected) in points)
        {
            Assert.True(expected.AsSpan().SequenceEqual(Engine.ChainFixture.Restore(chain, chain.Get(sequence), out var damage)), $"point {sequence}");
            Assert.Empty(damage);
        }
    }

    private sealed class Listener : IRunObserver
    {
        public List<string> Warnings { get; } = [];

        public void Progress(in RunProgress progress)
        {
        }

        public void Warn(string message) => Warnings.Add(message);
    }
}
