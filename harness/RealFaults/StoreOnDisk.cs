using Tidemark.Engine.Format;
using Tidemark.Engine.Stores;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using TestCli = Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.RealFaults;

/// <summary>
/// A source, and a store somewhere else that things happen to. It knows what every image has to hold: what the source held
/// when the image was made.
/// </summary>
internal sealed class StoreOnDisk(TempFolder place, string store, int sourceBytes, Random random) : IDisposable
{
    private readonly Dictionary<long, byte[]> contents = [];
    private byte[] content = [];

    public string Source { get; } = place.At("source");

    private HashSet<string> leftovers = [];

    public string Store => store;

    public string Chain { get; private set; } = "";

    public int Images => contents.Count;

    /// <summary>Images found whole and compared bit for bit so far.</summary>
    public int Compared { get; private set; }

    /// <summary>Makes the source and a first image of it.</summary>
    public void Begin()
    {
        content = new byte[sourceBytes];
        random.NextBytes(content);
        File.WriteAllBytes(Source, content);
        Chain = TestCli.Backup(Source, store, "--compress", "none").Text("chain");
        contents.Add(1, content.ToArray());
    }

    /// <summary>Writes a few ranges of the source anew, in sum about the given share of it.</summary>
    public void Change(double share = 0.3)
    {
        using var file = new FileStream(Source, FileMode.Open, FileAccess.Write);
        for (var done = 0L; done < share * sourceBytes;)
        {
            var length = Math.Min(random.Next(1, 1 << 20), sourceBytes);
            var at = random.Next(sourceBytes - length + 1);
            random.NextBytes(content.AsSpan(at, length));
            file.Position = at;
            file.Write(content.AsSpan(at, length));
            done += length;
        }
    }

    /// <summary>The arguments of a backup that begins right afterwards.</summary>
    public string[] Arguments(params string[] more)
    {
        leftovers = Temporaries();
        return ["backup", Source, "--to", store, "--json", "--compress", "none", .. more];
    }

    /// <summary>
    /// Waits until a run has begun to write its image: what happens to it before is another test's. What an earlier run has
    /// left is none of it.
    /// </summary>
    public void AwaitImage(RunningCli run)
    {
        while (!run.HasEnded && Temporaries().IsSubsetOf(leftovers))
        {
            Thread.Sleep(5);
        }
    }

    /// <summary>
    /// After something happened to a backup: every image there was is there still, at most one is new, and the newest
    /// verifies and restores bit for bit to what its source held.
    /// </summary>
    /// <returns>Whether the backup had committed.</returns>
    public bool Check()
    {
        var found = Sequences();
        var before = contents.Count;
        Assert.Equal(Enumerable.Range(1, before).Select(i => (long)i), found.Take(before));
        Assert.InRange(found.Length, before, before + 1);
        if (found.Length > before)
        {
            contents.Add(found[^1], content.ToArray());
        }

        TidemarkCli.Run("verify", Chain).Succeeded();
        Compare(found[^1]);
        return found.Length > before;
    }

    /// <summary>The next backup goes through and clears away what was left; then every image is compared.</summary>
    public void End()
    {
        TestCli.Backup(Source, store, "--compress", "none");
        contents.Add(contents.Count + 1, content.ToArray());
        Assert.DoesNotContain(
            Directory.GetFiles(Chain).Select(file => Path.GetFileName(file)),
            name => TemporaryName.TryParse(name, out _) || name == StoreNames.OwnerFile);
        TidemarkCli.Run("verify", Chain, "--deep").Succeeded();
        foreach (var sequence in contents.Keys)
        {
            Compare(sequence);
        }
    }

    /// <summary>Starts anew with a full image alone, so that a long run needs no more room than a short one.</summary>
    public void Renew()
    {
        End();
        Directory.Delete(Chain, recursive: true);
        contents.Clear();
        Begin();
    }

    public void Dispose() => File.Delete(place.At("restored"));

    private long[] Sequences() =>
        [.. Directory.GetFiles(Chain)
            .Select(file => ImageNames.TryParse(Path.GetFileName(file), out var sequence, out var part) && part == 0 ? sequence : 0)
            .Where(sequence => sequence > 0).Order()];

    private void Compare(long sequence)
    {
        TidemarkCli.Run("restore", $"{Chain}@{sequence}", place.At("restored"), "--force").Succeeded();
        Assert.True(contents[sequence].AsSpan().SequenceEqual(File.ReadAllBytes(place.At("restored"))), $"image {sequence} is another");
        Compared++;
    }

    private HashSet<string> Temporaries() =>
        Directory.Exists(Chain) ? [.. Directory.EnumerateFiles(Chain).Where(file => TemporaryName.TryParse(Path.GetFileName(file), out _))] : [];
}
