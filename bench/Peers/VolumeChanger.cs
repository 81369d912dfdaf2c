using System.Globalization;
using Tidemark.Engine.Devices;

namespace Tidemark.Bench.Peers;

/// <summary>
/// Changes a volume as programs do, by a seed: <c>change-volume DEVICE --pattern random|database --seed N [--pages FILE]</c>.
/// What every changed 4 KiB page holds afterwards goes into FILE, one after the other.
/// </summary>
internal sealed class VolumeChanger(RawDevice volume, Random random, long pages)
{
    private const int PageSize = 4096;

    /// <summary>One page in a hundred.</summary>
    private const int RandomShare = 100;

    /// <summary>A database of 1 GiB with pages of 8 KiB (PostgreSQL's size), 5,000 of which are written between two images.</summary>
    private const long DatabaseBytes = 1 << 30;
    private const int DatabasePage = 8192;
    private const int DatabaseWrites = 5000;

    /// <summary>One row.</summary>
    private const int RowBytes = 200;

    /// <summary>The redo log: written in order, over what was there.</summary>
    private const int LogBytes = 16 << 20;

    private readonly SortedSet<long> changed = [];

    public static int Run(string[] arguments)
    {
        using var volume = RawDevice.OpenWrite(arguments[0]);
        var seed = int.Parse(Option(arguments, "--seed") ?? "1", CultureInfo.InvariantCulture);
        if (volume.Length < 2 * DatabaseBytes)
        {
            Console.Error.WriteLine($"change-volume: {arguments[0]} has {volume.Length} bytes; it takes {2 * DatabaseBytes} at least");
            return 2;
        }

        var changer = new VolumeChanger(volume, new Random(seed), volume.Length / PageSize);
        switch (Option(arguments, "--pattern"))
        {
            case "random":
                changer.ChangePages();
                break;
            case "database":
                changer.ChangeDatabase();
                break;
            default:
                Console.Error.WriteLine("change-volume: --pattern is random or database");
                return 2;
        }

        volume.Flush();
        if (Option(arguments, "--pages") is { } file)
        {
            changer.Collect(file);
        }

        Console.WriteLine($"seed {seed}: {changer.changed.Count} pages of {PageSize} changed");
        return 0;
    }

    private static string? Option(string[] arguments, string name)
    {
        var at = Array.IndexOf(arguments, name);
        return at >= 0 && at + 1 < arguments.Length ? arguments[at + 1] : null;
    }

    /// <summary>Pages anywhere become copies of other pages of the volume, so that they compress as its data does.</summary>
    private void ChangePages()
    {
        var page = new byte[PageSize];
        while (changed.Count < pages / RandomShare)
        {
            Read(random.NextInt64(pages) * PageSize, page);
            if (page.AsSpan().ContainsAnyExcept((byte)0))
            {
                // A copy alone would be deduplicated by programs that do that, which new data isn't.
                random.NextBytes(page.AsSpan(random.Next(PageSize - RowBytes), RowBytes));
                Write(random.NextInt64(pages) * PageSize, page);
            }
        }
    }

    /// <summary>Rows in pages of a table, four fifths of them in a fifth of the table, and a log.</summary>
    private void ChangeDatabase()
    {
        var start = ((pages * PageSize) - DatabaseBytes) / 2 / DatabasePage * DatabasePage;
        const long tablePages = (DatabaseBytes - LogBytes) / DatabasePage;
        var page = new byte[DatabasePage];
        for (var i = 0; i < DatabaseWrites; i++)
        {
            var hot = random.Next(5) != 0;
            var number = hot ? random.NextInt64(tablePages / 5) : random.NextInt64(tablePages);
            var at = start + LogBytes + (number * DatabasePage);
            Read(at, page);
            // The page's sequence number, and the row.
            random.NextBytes(page.AsSpan(0, sizeof(long)));
            random.NextBytes(page.AsSpan(random.Next(DatabasePage - RowBytes), RowBytes));
            WriteChanged(at, page);
        }

        for (var done = 0; done < LogBytes; done += PageSize)
        {
            // Records of a log: half of what is in them is new.
            var log = page.AsSpan(0, PageSize);
            log.Clear();
            for (var record = 0; record + RowBytes <= PageSize; record += RowBytes)
            {
                random.NextBytes(log.Slice(record, RowBytes / 2));
            }

            Write(start + done, log);
        }
    }

    private void WriteChanged(long at, ReadOnlySpan<byte> content)
    {
        var old = new byte[PageSize];
        for (var done = 0; done < content.Length; done += PageSize)
        {
            Read(at + done, old);
            if (!content.Slice(done, PageSize).SequenceEqual(old))
            {
                Write(at + done, content.Slice(done, PageSize));
            }
        }
    }

    private void Collect(string file)
    {
        using var pagesOf = File.Create(file);
        var page = new byte[PageSize];
        foreach (var number in changed)
        {
            Read(number * PageSize, page);
            pagesOf.Write(page);
        }
    }

    private void Read(long at, Span<byte> content) => volume.ReadAt(at, content);

    private void Write(long at, ReadOnlySpan<byte> page)
    {
        volume.WriteAt(at, page);
        changed.Add(at / PageSize);
    }
}
