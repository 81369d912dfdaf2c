using System.Globalization;
using System.Text.RegularExpressions;
using Tidemark.Harness.Support;

namespace Tidemark.Harness.Allocation;

/// <summary>A btrfs in one or more files, and what its own tools say of it.</summary>
internal sealed partial class BtrfsImage
{
    private const int MountAttempts = 20;

    private const int Block = 4096;
    private const long StripeLength = 64 << 10;
    private readonly string[] files;

    private BtrfsImage(string[] files) => this.files = files;

    public IReadOnlyList<string> Files => files;

    public static void Require()
    {
        Mount.Require("btrfs");
        Tool.Require("mkfs.btrfs", "btrfs", "fsfreeze", "fallocate", "chattr");
    }

    /// <summary>Makes one.</summary>
    /// <param name="size">The size of each file, as truncate takes it.</param>
    /// <param name="options">Of mkfs.btrfs, with blanks between.</param>
    /// <param name="files">Its devices.</param>
    public static BtrfsImage Make(string size, string options, params string[] files)
    {
        foreach (var file in files)
        {
            Tool.Run("truncate", "--size", size, file);
        }

        Tool.Run("mkfs.btrfs", ["-q", "-f", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries), .. files]);
        return new(files);
    }

    /// <summary>The same file system in other files.</summary>
    public static BtrfsImage Of(params string[] files) => new(files);

    /// <summary>Runs something with the file system mounted.</summary>
    public void Mounted(string folder, Action<string> action)
    {
        var loops = new List<LoopDevice>();
        try
        {
            loops.AddRange(files.Select(file => LoopDevice.Attach(file)));
            var devices = loops.SelectMany(loop => new[] { "-o", $"device={loop.Path}" });
            MountAll([.. devices], loops[0].Path, folder);
            try
            {
                action(folder);
            }
            finally
            {
                Tool.Run("umount", folder);
            }
        }
        finally
        {
            loops.ForEach(loop => loop.Dispose());
        }
    }

    /// <summary>The kernel keeps what it knows of a device's name for a while, also what another test had there.</summary>
    private static void MountAll(string[] devices, string first, string folder)
    {
        string[] arguments = ["-t", "btrfs", .. devices, first, folder];
        for (var attempt = 1; attempt < MountAttempts; attempt++)
        {
            if (Tool.Try("mount", arguments).ExitCode == 0)
            {
                return;
            }

            Tool.Try("btrfs", "device", "scan", "--forget");
            Thread.Sleep(100);
        }

        Tool.Run("mount", arguments);
    }

    /// <summary>Checks all structures, and the checksums of data.</summary>
    public void Check()
    {
        // Files of one file system find each other as devices only.
        var loops = files.Select(file => LoopDevice.Attach(file)).ToList();
        try
        {
            if (loops.Count > 1)
            {
                Tool.Run("btrfs", ["device", "scan", .. loops.Select(loop => loop.Path)]);
            }

            Tool.Run("btrfs", "check", "--readonly", "--check-data-csum", loops[0]);
        }
        finally
        {
            loops.ForEach(loop => loop.Dispose());
        }
    }

    /// <summary>
    /// What nothing of a device refers to, by the chunks and extents that btrfs prints, worked out block by block; the first MiB and the
    /// superblock's copies are used.
    /// </summary>
    public IReadOnlyList<(long Offset, long Length)> Free(int device)
    {
        var superblock = Tool.Run("btrfs", "inspect-internal", "dump-super", files[device]).Output;
        var id = Field(superblock, "dev_item.devid");
        var used = new bool[Field(superblock, "dev_item.total_bytes") / Block];
        used.AsSpan(0, (1 << 20) / Block).Fill(true);
        foreach (var copy in new[] { 64L << 20, 256L << 30 }.Where(copy => copy / Block < used.Length))
        {
            used[copy / Block] = true;
        }

        var chunks = Chunks();
        foreach (var chunk in chunks.Where(chunk => chunk.Profile.StartsWith("RAID5", StringComparison.Ordinal) || chunk.Profile.StartsWith("RAID6", StringComparison.Ordinal)))
        {
            var data = chunk.Stripes.Count - (chunk.Profile == "RAID5" ? 1 : 2);
            foreach (var stripe in chunk.Stripes.Where(stripe => stripe.Device == id))
            {
                used.AsSpan((int)(stripe.Offset / Block), (int)(chunk.Length / data / Block)).Fill(true);
            }
        }

        var nodeSize = Field(superblock, "nodesize");
        foreach (Match extent in ExtentLine().Matches(Dump("extent")))
        {
            var start = Number(extent.Groups[1].Value);
            var length = extent.Groups[2].Value == "METADATA_ITEM" ? nodeSize : Number(extent.Groups[3].Value);
            var chunk = chunks.Single(chunk => start >= chunk.Logical && start < chunk.Logical + chunk.Length);
            for (var at = start - chunk.Logical; at < start - chunk.Logical + length; at += Block)
            {
                foreach (var (_, offset) in Places(chunk, at).Where(place => place.Device == id))
                {
                    used[offset / Block] = true;
                }
            }
        }

        return [.. Enumerable.Range(0, used.Length).Where(i => !used[i]).Select(i => ((long)i * Block, (long)Block))];
    }

    public string Dump(string tree) => Tool.Run("btrfs", ["inspect-internal", "dump-tree", "-t", tree, .. files]).Output;

    // Where the devices have one block of a chunk (btrfs-dev-docs, "Chunk profiles").
    private static IEnumerable<(long Device, long Offset)> Places(Chunk chunk, long at)
    {
        var (stripe, within) = (at / StripeLength, at % StripeLength);
        var count = chunk.Stripes.Count;
        switch (chunk.Profile)
        {
            case "RAID0":
                var alone = chunk.Stripes[(int)(stripe % count)];
                return [(alone.Device, alone.Offset + (stripe / count * StripeLength) + within)];
            case "RAID10":
                var pairs = count / 2;
                return chunk.Stripes.Skip((int)(stripe % pairs) * 2).Take(2)
                    .Select(one => (one.Device, one.Offset + (stripe / pairs * StripeLength) + within));
            case "RAID5" or "RAID6":
                return [];
            default:
                return chunk.Stripes.Select(one => (one.Device, one.Offset + at));
        }
    }

    private List<Chunk> Chunks()
    {
        var chunks = new List<Chunk>();
        foreach (Match match in ChunkItem().Matches(Dump("chunk")))
        {
            var stripes = StripeLine().Matches(match.Groups[4].Value).Select(stripe => (Number(stripe.Groups[1].Value), Number(stripe.Groups[2].Value)));
            chunks.Add(new(Number(match.Groups[1].Value), Number(match.Groups[2].Value), match.Groups[3].Value.Split('|')[^1], [.. stripes]));
        }

        return chunks;
    }

    private static long Field(string text, string name) =>
        Number(Regex.Match(text, $@"^{Regex.Escape(name)}\s+(\d+)", RegexOptions.Multiline, TimeSpan.FromSeconds(10)).Groups[1].Value);

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"CHUNK_ITEM (\d+)\).*\n\s+length (\d+) owner \d+ stripe_len \d+ type (\S+)\n((?:\t\t.*\n?)*)")]
    private static partial Regex ChunkItem();

    [GeneratedRegex(@"stripe \d+ devid (\d+) offset (\d+)")]
    private static partial Regex StripeLine();

    [GeneratedRegex(@"key \((\d+) (EXTENT_ITEM|METADATA_ITEM) (\d+)\)")]
    private static partial Regex ExtentLine();

    private sealed record Chunk(long Logical, long Length, string Profile, IReadOnlyList<(long Device, long Offset)> Stripes);
}
