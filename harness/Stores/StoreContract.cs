using System.Text;
using Tidemark.Engine;
using Tidemark.Engine.Stores;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Stores;

/// <summary>What every store promises.</summary>
[DiffersBySystem]
public abstract class StoreContract : IDisposable
{
    internal abstract Store Store { get; }

    /// <summary>
    /// Whether a name is gone as soon as it is deleted. Windows before 10, FAT and Wine keep it until the last reader has
    /// closed the file.
    /// </summary>
    protected virtual bool DeletesAtOnce => true;

    public abstract void Dispose();

    [Fact]
    public void Folders_are_made_once_listed_and_opened()
    {
        Assert.Empty(Store.ListFolders());
        var made = Store.CreateFolder("one");
        Store.CreateFolder("two");
        Assert.Equal(["one", "two"], Store.ListFolders().Order());
        Assert.Equal("one", made.ShortName);
        Assert.Equal(made.Name, Store.OpenFolder("one").Name);
        Assert.Equal(TidemarkError.WrongUse, Assert.Throws<TidemarkException>(() => Store.CreateFolder("one")).Error);
        Assert.Equal(TidemarkError.WrongUse, Assert.Throws<TidemarkException>(() => Store.OpenFolder("three")).Error);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("../a")]
    [InlineData("a\\b")]
    [InlineData("a\0b")]
    public void Names_that_lead_elsewhere_are_refused(string name)
    {
        var folder = Store.CreateFolder("chain");
        Write(folder, "real", [1]);
        Action[] ways =
        [
            () => Store.CreateFolder(name), () => Store.OpenFolder(name), () => folder.Create(name),
            () => folder.OpenRead(name), () => folder.Delete(name),
        ];
        Assert.All(ways, way => Assert.Equal(TidemarkError.WrongUse, Assert.Throws<TidemarkException>(way).Error));
        Assert.Equal(["real"], folder.List().Select(entry => entry.Name));
    }

    [Fact]
    public void Names_of_255_bytes_are_taken_and_longer_ones_refused()
    {
        var folder = Store.CreateFolder("chain");
        var longest = new string('ä', 127) + "x";
        Write(folder, longest, [1]);
        Assert.Equal(longest, Assert.Single(folder.List()).Name);
        Assert.Equal(255, Encoding.UTF8.GetByteCount(longest));
        Assert.Throws<TidemarkException>(() => folder.Create(longest + "x"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(1 << 20)]
    [InlineData((1 << 20) + 1)]
    [InlineData((7 << 20) + 4097)]
    public void What_was_appended_is_read_back(int length)
    {
        var random = Seed.Random();
        var expected = new byte[length];
        random.NextBytes(expected);
        var folder = Store.CreateFolder("chain");
        using (var writer = folder.Create("file"))
        {
            for (var at = 0; at < length;)
            {
                Assert.Equal(at, writer.Position);
                var count = Math.Min(length - at, random.Next(0, random.Next(2) == 0 ? 100_000 : 3_000_000));
                writer.Append(expected.AsSpan(at, count));
                at += count;
            }

            writer.Complete();
            Assert.Equal(length, writer.Position);
        }

        Assert.Equal([new StoreEntry("file", length)], folder.List());
        using var file = folder.OpenRead("file");
        Assert.Equal(length, file.Length);
        var found = new byte[length];
        file.ReadAt(0, found);
        Assert.Equal(length, found.AsSpan().CommonPrefixLength(expected));
        for (var round = 0; round < 20 && length > 0; round++)
        {
            var offset = random.Next(length);
            var some = new byte[random.Next(1, Math.Min(length - offset, 10_000) + 1)];
            file.ReadAt(offset, some);
            Assert.True(expected.AsSpan(offset, some.Length).SequenceEqual(some));
        }
    }

    [Fact]
    public void Reading_beyond_the_end_is_damage()
    {
        var folder = Store.CreateFolder("chain");
        Write(folder, "file", [1, 2, 3]);
        using var file = folder.OpenRead("file");
        file.ReadAt(3, []);
        Assert.Equal(TidemarkError.Damaged, Assert.Throws<TidemarkException>(() => file.ReadAt(2, new byte[2])).Error);
        Assert.Equal(TidemarkError.Damaged, Assert.Throws<TidemarkException>(() => file.ReadAt(1L << 40, new byte[1])).Error);
    }

    [Fact]
    public void What_is_expected_is_read_as_ever_and_nothing_comes_of_what_is_not_there()
    {
        var folder = Store.CreateFolder("chain");
        var content = new byte[100_000];
        Seed.Random().NextBytes(content);
        Write(folder, "file", content);
        using var file = folder.OpenRead("file");
        (long Offset, long Length)[] ranges = [(0, 100_000), (4095, 2), (99_999, 1), (99_999, 1 << 20), (1L << 40, 1L << 40), (5, long.MaxValue - 5)];
        Assert.All(ranges, range => file.Expect(range.Offset, range.Length));
        var found = new byte[content.Length];
        file.ReadAt(0, found);
        Assert.Equal(content, found);
    }

    [Fact]
    public void A_file_is_made_only_once()
    {
        var folder = Store.CreateFolder("chain");
        Write(folder, "file", [1]);
        Assert.Contains("file", Assert.Throws<TidemarkException>(() => folder.Create("file")).Message, StringComparison.Ordinal);
        Assert.Equal([1], Read(folder, "file"));
    }

    [Fact]
    public void Nobody_sees_an_object_before_it_is_complete()
    {
        var folder = Store.CreateFolder("chain");
        var content = new byte[3_000_001];
        Seed.Random().NextBytes(content);
        using (var writer = folder.Create("file"))
        {
            writer.Append(content);
            RequireUnseen(folder);
            writer.Settle();
            RequireUnseen(folder);
            if (writer.OpenWritten() is { } written)
            {
                using (written)
                {
                    var found = new byte[content.Length];
                    written.ReadAt(0, found);
                    Assert.Equal(content.Length, written.Length);
                    Assert.True(content.AsSpan().SequenceEqual(found), "it is shown otherwise than it was written");
                }
            }

            RequireUnseen(folder);
            writer.Complete();
            Assert.Equal([new StoreEntry("file", content.Length)], folder.List());
        }

        Assert.Equal(content, Read(folder, "file"));
        Assert.Empty(folder.ListUnfinished());

        void RequireUnseen(StoreFolder folder)
        {
            Assert.Empty(folder.List());
            Assert.Throws<TidemarkException>(() => folder.OpenRead("file"));
        }
    }

    [Fact]
    public void An_object_that_is_not_completed_leaves_nothing()
    {
        var folder = Store.CreateFolder("chain");
        using (var writer = folder.Create("file"))
        {
            writer.Append(new byte[2_000_000]);
        }

        using (var writer = folder.Create("file"))
        {
            writer.Append([1]);
            writer.Settle();
        }

        Assert.Empty(folder.List());
        Assert.Empty(folder.ListUnfinished());
        Assert.Equal(0, folder.RemoveUnfinished());
        Write(folder, "file", [7]);
        Assert.Equal([7], Read(folder, "file"));
    }

    [Fact]
    public void Of_two_that_write_one_name_the_first_to_complete_has_it()
    {
        var folder = Store.CreateFolder("chain");
        using var early = folder.Create("file");
        using var late = Store.OpenFolder("chain").Create("file");
        early.Append([1]);
        late.Append([2]);
        late.Complete();
        var e = Assert.Throws<TidemarkException>(() => early.Complete());
        Assert.False(e.IsCommitted);
        Assert.Contains("there already", e.Message, StringComparison.Ordinal);
        early.Dispose();
        Assert.Equal([2], Read(folder, "file"));
        Assert.Equal(["file"], folder.List().Select(entry => entry.Name));
    }

    [Fact]
    public void What_is_removed_before_it_is_complete_never_comes_into_being()
    {
        var folder = Store.CreateFolder("chain");
        using var writer = folder.Create("file");
        writer.Append([1]);
        writer.Settle();
        Assert.InRange(folder.ListUnfinished().Count(name => name == "file"), 0, 1);
        folder.RemoveUnfinished();
        Assert.False(Assert.Throws<TidemarkException>(() => writer.Complete()).IsCommitted);
        Assert.Empty(folder.List());
        Assert.Empty(folder.ListUnfinished());
    }

    [Fact]
    public void Several_may_wait_for_the_next_to_be_durable()
    {
        var folder = Store.CreateFolder("chain");
        using var first = folder.Create("first");
        for (var i = 0; i < 3; i++)
        {
            using var part = folder.Create($"part{i}");
            part.Append([1]);
            part.Complete(withNext: i < 2);
        }

        first.Append([1]);
        first.Complete();
        Assert.Equal(["first", "part0", "part1", "part2"], folder.List().Select(entry => entry.Name).Order());
    }

    [Fact]
    public void What_is_missing_can_not_be_opened_or_deleted()
    {
        var folder = Store.CreateFolder("chain");
        Action[] ways = [() => folder.OpenRead("no"), () => folder.Delete("no")];
        Assert.All(ways, way =>
        {
            var e = Assert.Throws<TidemarkException>(way);
            Assert.Equal(TidemarkError.Damaged, e.Error);
            Assert.Contains("no", e.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_deleted_file_is_gone_and_stays_readable_where_it_is_open()
    {
        var folder = Store.CreateFolder("chain");
        Write(folder, "file", [1, 2]);
        using var file = folder.OpenRead("file");
        folder.Delete("file");
        if (DeletesAtOnce)
        {
            Assert.Empty(folder.List());
        }

        var found = new byte[2];
        file.ReadAt(0, found);
        Assert.Equal([1, 2], found);
        file.Dispose();
        Assert.Empty(folder.List());
    }

    [Fact]
    public void One_writer_holds_the_lock_until_it_gives_it_back()
    {
        var folder = Store.CreateFolder("chain");
        var again = Store.OpenFolder("chain");
        var first = folder.TryLock(out _);
        Assert.NotNull(first);
        Assert.Null(again.TryLock(out var holder));
        Assert.NotEqual("", holder);
        Assert.Empty(folder.List());
        first.Dispose();
        using var second = again.TryLock(out _);
        Assert.NotNull(second);
        first.Dispose();
        Assert.Null(folder.TryLock(out _));
    }

    [Fact]
    public void A_register_is_set_by_who_knows_what_it_holds()
    {
        var folder = Store.CreateFolder("chain");
        var (one, two) = (folder.Owner, Store.OpenFolder("chain").Owner);
        Assert.Equal(default, one.Read());
        Assert.True(one.TrySet([1, 2], null));
        Assert.False(two.TrySet([3], null));
        var found = two.Read();
        Assert.Equal([1, 2], found.Value!);
        Assert.False(two.TrySet([3], found.Version + "x"));
        Assert.True(two.TrySet([4, 5], found.Version));
        Assert.False(one.TrySet([6], found.Version));
        Assert.False(one.TrySet(null, found.Version));
        Assert.Equal([4, 5], one.Read().Value!);
        Assert.True(one.TrySet(null, one.Read().Version));
        Assert.Equal(default, two.Read());
        Assert.Empty(folder.List());
    }

    [Fact]
    public void The_lock_file_is_not_the_callers()
    {
        var folder = Store.CreateFolder("chain");
        using var held = folder.TryLock(out _);
        Write(folder, "file", [1]);
        Assert.Throws<TidemarkException>(() => folder.Delete("tidemark.lock"));
        Assert.Throws<TidemarkException>(() => folder.OpenRead("tidemark.lock"));
        Assert.Throws<TidemarkException>(() => folder.Create("tidemark.lock"));
    }

    internal static void Write(StoreFolder folder, string name, byte[] content)
    {
        using var writer = folder.Create(name);
        writer.Append(content);
        writer.Complete();
    }

    internal static byte[] Read(StoreFolder folder, string name)
    {
        using var file = folder.OpenRead(name);
        var content = new byte[file.Length];
        file.ReadAt(0, content);
        return content;
    }
}
