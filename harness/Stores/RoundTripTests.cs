using Tidemark.Engine;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Operations.Diffs;
using Tidemark.Engine.Operations.Verification;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Stores;
using Tidemark.Engine.Stores.Layers;
using Tidemark.Harness.Engine;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Stores;

/// <summary>What verbs ask of a store of which every request takes its time: pieces, and not pages.</summary>
[DiffersBySystem]
public sealed class RoundTripTests
{
    private const int Length = 128 << 20;
    private const int Images = 4;

    private static readonly StoreTraits remoteTraits = new(8, 1 << 20, 4);
    private static readonly StoreTraits plainTraits = StoreTraits.Local;
    private static readonly Lazy<(MemoryStoreFolder Folder, MemoryDevice Volume, ChainFixture Fixture)> sample = new(Make);

    /// <summary>Requests of each verb: for the chain, for each image, and for each request's worth of bytes that it reads.</summary>
    [Theory]
    [InlineData("list")]
    [InlineData("quick")]
    [InlineData("normal")]
    [InlineData("deep")]
    [InlineData("restore")]
    [InlineData("diff")]
    [InlineData("backup")]
    public void A_verb_asks_a_remote_store_for_pieces_and_not_for_pages(string verb)
    {
        var plain = Requests(verb, plainTraits);
        var layered = Requests(verb, remoteTraits);

        // Opening: a list, and of each image its file, header and footer. Index and frames: a quarter of a request's worth
        // at a time where nothing is announced, all of it where much is read.
        var most = 2 + (Images * 6) + (int)(layered.Bytes / (remoteTraits.RequestBytes / ReadAheadPieces.RequestPieces)) + 8;
        Assert.InRange(layered.Requests, 1, most);
        Assert.True(layered.Time <= RemoteFolder.Latency * most, $"{layered.Time} at {RemoteFolder.Latency} a request");
        Assert.True(layered.Most <= remoteTraits.Concurrency + 4, $"{layered.Most} requests at once");
        if (verb != "list")
        {
            Assert.True(layered.Requests * 2 < plain.Requests, $"{layered.Requests} requests, and {plain.Requests} page by page");
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{verb}: {layered.Requests} requests of {layered.Bytes} bytes, up to {layered.Most} at once; page by page {plain.Requests} of {plain.Bytes}");
    }

    [Fact]
    public void Requests_that_fail_once_in_a_while_cost_a_pause_and_nothing_else()
    {
        var remote = new RemoteFolder(Copy(), remoteTraits) { FailsEvery = 7 };
        List<TimeSpan> pauses = [];
        var policy = new RetryPolicy(4)
        {
            Jitter = () => 1,
            Wait = (time, _) =>
            {
                lock (pauses)
                {
                    pauses.Add(time);
                }
            },
        };
        using var ahead = new ReadAheadFolder(new RetryingFolder(remote, policy));
        var result = Tidemark.Engine.Operations.Verification.Verify.Run([ahead], null, VerifyDepth.Deep, null, null, NoObserver.Instance, default, workers: 2);
        Assert.Empty(result.Findings);
        Assert.NotEmpty(pauses);
        Assert.All(pauses, pause => Assert.InRange(pause, RetryPolicy.First, RetryPolicy.Longest));
    }

    [Fact]
    public void Pauses_double_up_to_a_bound_and_an_error_that_stays_is_told_at_once()
    {
        List<TimeSpan> pauses = [];
        var policy = new RetryPolicy(9) { Jitter = () => 1, Wait = (time, _) => pauses.Add(time) };
        Assert.Throws<TidemarkException>(() => policy.Do<bool>(() => throw new TidemarkException(TidemarkError.Failed, "busy") { MayPass = true }, default));
        Assert.Equal([0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10], pauses.Select(p => p.TotalSeconds));
        pauses.Clear();
        Assert.Throws<TidemarkException>(() => policy.Do<bool>(() => throw new TidemarkException(TidemarkError.Failed, "denied"), default));
        Assert.Empty(pauses);
    }

    [Fact]
    public void A_read_that_hangs_ends_when_its_run_is_cancelled()
    {
        using var hangs = new CancellationTokenSource();
        using var cancelled = new CancellationTokenSource();
        var remote = new RemoteFolder(Copy(), remoteTraits) { Hangs = hangs };
        using var ahead = new ReadAheadFolder(remote);
        using var file = ahead.OpenRead(ImageNames.Part(1, 0));
        using var reading = new ManualResetEventSlim();
        Exception? end = null;
        var reader = new Thread(() => end = Record.Exception(() =>
        {
            reading.Set();
            file.ReadAt(0, new byte[10], cancelled.Token);
        }));
        reader.Start();
        reading.Wait(TestContext.Current.CancellationToken);
        cancelled.Cancel();
        hangs.Cancel();
        Assert.True(reader.Join(Patience.Limit), "it still hangs");
        Assert.IsAssignableFrom<OperationCanceledException>(end);
    }

    [Fact]
    public void Bytes_read_through_pieces_are_those_of_the_object_whoever_asks_and_whatever_fails()
    {
        var random = Seed.Random();
        var content = new byte[3_000_000];
        random.NextBytes(content);
        var folder = new MemoryStoreFolder("memory", "memory");
        StoreContract.Write(folder, "file", content);
        var failing = new FailingFolder(folder);
        failing.Fail("file", 1_000_000, 5);
        using var ahead = new ReadAheadFolder(new RemoteFolder(failing, new StoreTraits(4, 64 << 10, 1)));
        using var file = ahead.OpenRead("file");
        var seeds = Enumerable.Range(0, 4).Select(_ => random.Next()).ToArray();
        Parallel.ForEach(seeds, seed =>
        {
            var its = new Random(seed);
            for (var i = 0; i < 500; i++)
            {
                var offset = its.Next(content.Length);
                var buffer = new byte[its.Next(1, Math.Min(content.Length - offset, its.Next(2) == 0 ? 100 : 90_000) + 1)];
                if (its.Next(4) == 0)
                {
                    file.Expect(offset, its.Next(1_000_000));
                }

                if (offset < 1_000_005 && offset + buffer.Length > 1_000_000)
                {
                    Assert.Throws<TidemarkException>(() => file.ReadAt(offset, buffer));
                    continue;
                }

                file.ReadAt(offset, buffer);
                Assert.True(content.AsSpan(offset, buffer.Length).SequenceEqual(buffer), $"bytes at {offset} are others");
            }
        });
    }

    private static RemoteFolder Requests(string verb, StoreTraits traits)
    {
        var remote = new RemoteFolder(verb == "backup" ? Copy() : sample.Value.Folder, traits);
        switch (verb)
        {
            case "list":
                using (var chain = Chain.Load(remote))
                {
                    Assert.Equal(Images, chain.Members.Count);
                }

                break;
            case "restore":
                using (var chain = Chain.Load(remote))
                {
                    var restored = ChainFixture.Restore(chain, chain.Get(Images), out _);
                    Assert.True(sample.Value.Volume.Content.SequenceEqual(restored), "it restores to something else");
                }

                break;
            case "diff":
                using (var chain = Chain.Load(remote))
                {
                    var bytes = 0L;
                    Diff.Run(chain, chain.Get(1), chain, chain.Get(Images), range => bytes += range.Length, NoObserver.Instance, default);
                    Assert.True(bytes > 0);
                }

                break;
            case "backup":
                var outcome = sample.Value.Fixture.Continue(remote, 77).Backup(sample.Value.Volume, ImageKind.Incremental);
                Assert.Equal(0, outcome.Counts.ChangedBlocks);
                break;
            default:
                var depth = Enum.Parse<VerifyDepth>(verb, ignoreCase: true);
                var result = Tidemark.Engine.Operations.Verification.Verify.Run([remote], null, depth, null, null, NoObserver.Instance, default, workers: 2);
                Assert.Empty(result.Findings);
                break;
        }

        return remote;
    }

    private static MemoryStoreFolder Copy()
    {
        var copy = new MemoryStoreFolder("copy", "copy");
        foreach (var entry in sample.Value.Folder.List())
        {
            StoreContract.Write(copy, entry.Name, StoreContract.Read(sample.Value.Folder, entry.Name));
        }

        return copy;
    }

    private static (MemoryStoreFolder Folder, MemoryDevice Volume, ChainFixture Fixture) Make()
    {
        var folder = new MemoryStoreFolder("memory", "memory");
        var fixture = new ChainFixture(folder, 4096, HashAlgorithm.Xxh128, Codec.Lz4, null, 5);
        var content = new byte[Length];
        for (var at = 0; at < Length; at += 4096)
        {
            content.AsSpan(at, 4096).Fill((byte)(1 + (at / 4096 % 250)));
            BitConverter.TryWriteBytes(content.AsSpan(at), at);
        }

        var volume = new MemoryDevice(content);
        fixture.Backup(volume, ImageKind.Full);
        var random = new Random(3);
        for (var image = 1; image < Images; image++)
        {
            for (var i = 0; i < 4000; i++)
            {
                volume.WriteAt(random.Next(Length / 4096) * 4096L, BitConverter.GetBytes(random.Next()));
            }

            fixture.Backup(volume, ImageKind.Incremental);
        }

        return (folder, volume, fixture);
    }
}
