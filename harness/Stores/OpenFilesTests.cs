using Tidemark.Engine;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Stores;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Engine;
using Tidemark.Harness.Support;
using Xunit;
using TestCli = Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Stores;

/// <summary>A chain has any number of images and parts, and a process a few descriptors.</summary>
[DiffersBySystem]
[Case("2.2")]
public sealed class OpenFilesTests : IDisposable
{
    private readonly TempFolder place = new("files");

    public OpenFilesTests() => OnlyOn.Linux();

    public void Dispose() => place.Dispose();

    [Fact]
    public void Files_are_read_from_many_threads_through_a_few_descriptors()
    {
        const int Limit = 5;
        const int Count = 40;
        var open = new OpenFiles(Limit);
        var folder = new LinuxStoreFolder(place.Path) { OpenFiles = open };
        for (var i = 0; i < Count; i++)
        {
            StoreContract.Write(folder, $"file{i}", [.. Enumerable.Repeat((byte)i, 1000)]);
        }

        var files = Enumerable.Range(0, Count).Select(i => folder.OpenRead($"file{i}")).ToArray();
        Assert.Equal(Limit, open.Count);
        var seeds = Enumerable.Range(0, 4).Select(_ => Seed.Random().Next()).ToArray();
        Parallel.ForEach(seeds, seed =>
        {
            var random = new Random(seed);
            Span<byte> buffer = stackalloc byte[16];
            for (var round = 0; round < 5000; round++)
            {
                var at = random.Next(Count);
                files[at].ReadAt(random.Next(984), buffer);
                Assert.False(buffer.ContainsAnyExcept((byte)at));
                files[random.Next(Count)].Expect(0, 100);
            }
        });
        Assert.InRange(open.Count, 1, Limit);
        foreach (var file in files)
        {
            file.Dispose();
        }

        Assert.Equal(0, open.Count);
        Assert.Throws<ObjectDisposedException>(() => files[0].ReadAt(0, new byte[1]));
    }

    [Fact]
    public void A_file_that_was_exchanged_or_taken_away_meanwhile_is_damage()
    {
        var folder = new LinuxStoreFolder(place.Path) { OpenFiles = new OpenFiles(1) };
        foreach (var name in new[] { "a", "b", "c" })
        {
            StoreContract.Write(folder, name, new byte[100]);
        }

        using var exchanged = folder.OpenRead("a");
        using var gone = folder.OpenRead("b");
        using var last = folder.OpenRead("c");
        File.WriteAllBytes(place.At("a"), new byte[99]);
        File.Delete(place.At("b"));
        Assert.Equal(TidemarkError.Damaged, Assert.Throws<TidemarkException>(() => exchanged.ReadAt(0, new byte[1])).Error);
        Assert.Equal(TidemarkError.Damaged, Assert.Throws<TidemarkException>(() => gone.ReadAt(0, new byte[1])).Error);
        last.ReadAt(0, new byte[1]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--json")]
    public void Every_verb_takes_a_chain_of_more_images_and_parts_than_it_may_open_files(string json)
    {
        Tool.Require("prlimit");
        const int Descriptors = 128;
        var folder = FolderStore.Open(place.Path).CreateFolder("chain");
        var chain = new ChainFixture(folder, 4096, HashAlgorithm.Xxh128, Codec.None, null, 1);
        var content = new byte[1 << 20];
        Seed.Random().NextBytes(content);
        for (var i = 0; i < 120; i++)
        {
            content.AsSpan(i * 4096, 4096).Fill((byte)i);

            // A few in parts: in all some hundred and sixty files.
            chain.PartSize = i % 60 == 0 ? ImageFormat.MinPartSize : 0;
            chain.Backup(new MemoryDevice(content), i == 0 ? ImageKind.Full : ImageKind.Incremental);
        }

        Assert.True(folder.List().Count > Descriptors);
        File.WriteAllBytes(place.At("source"), content);
        var path = place.At("chain");
        Verb("list", path);
        Verb("list", place.Path);
        Verb("show", path);
        Verb("verify", path, "--deep");
        Verb("restore", path, place.At("restored"));
        Assert.Equal(content, File.ReadAllBytes(place.At("restored")));
        Verb("export", path, place.At("disk.vhdx"));
        Verb("diff", path + "@1", path + "@120");
        Verb("repair", path);
        Verb("heal", path, "--from", place.At("source"));
        Verb("backup", place.At("source"), "--to", path, "--adopt", "--kind", "full", "--split", "64K", "--compress", "none");
        Verb("restore", path, place.At("restored2"));
        Assert.Equal(content, File.ReadAllBytes(place.At("restored2")));

        void Verb(params string[] arguments)
        {
            var (program, leading) = TidemarkCli.Command;
            var result = Tool.Start(
                "prlimit", [$"--nofile={Descriptors}:{Descriptors}", program, .. leading, .. arguments, .. json.Length > 0 ? new[] { json } : []],
                Patience.Limit);
            Assert.True(result.ExitCode == TestCli.Done, $"{result.Command} ended with {result.ExitCode}: {result.Output} {result.Error}");
        }
    }
}
