using System.Globalization;
using Tidemark.Engine;
using Tidemark.Engine.Keys;
using Tidemark.Harness.Support;
using Tidemark.Interop.Linux;
using Xunit;

namespace Tidemark.Harness.Keys;

/// <summary>What the hardening of a passphrase takes from the machine.</summary>
[Collection(RunsAlone.Name)]
public class ArgonMemoryTests
{
    [Fact]
    public void The_memory_of_Argon2_is_given_back()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "resident memory is read from /proc");
        using var ebb = TestKeys.Passphrase("ebb");
        TestKeys.Table();
        var before = Environment.WorkingSet;
        var (_, keys) = KeyOperations.CreateTable(TestKeys.ChainId, ebb, TestKeys.Random(), new Argon2Cost(256 * 1024, 1, 1));
        keys.Dispose();
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, 128 * 1024 * 1024);
    }

    [Fact]
    public void A_new_slot_takes_less_where_a_process_may_have_less()
    {
        Assert.Equal(Argon2Cost.Recommended, Argon2Cost.For(Argon2Cost.LeastForRecommended));
        Assert.Equal(Argon2Cost.Small, Argon2Cost.For(Argon2Cost.LeastForRecommended - 1));
        Assert.Equal(Argon2Cost.For(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes), Argon2Cost.Default);
        Assert.InRange(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, 1, long.MaxValue);
    }

    [Fact]
    public void Where_the_system_refuses_the_memory_a_new_slot_takes_less_and_an_old_one_says_what_it_needs()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "limits of a process are Linux's here");
        using var ebb = TestKeys.Passphrase("ebb");
        using var flood = TestKeys.Passphrase("flood");
        var (large, itsKeys) = KeyOperations.CreateTable(TestKeys.ChainId, ebb, TestKeys.Random(), Argon2Cost.Recommended);
        Assert.Equal(Argon2Cost.Recommended, large.Slots[0].Cost);
        KeySlotTable? small = null;
        TidemarkException? refused = null;
        WithAddressSpace(48 << 20, () =>
        {
            (small, var keys) = KeyOperations.CreateTable(TestKeys.ChainId, ebb, TestKeys.Random(), Argon2Cost.Recommended);
            keys.Dispose();
            refused = Assert.Throws<TidemarkException>(() => KeyOperations.Unlock(large, ebb, "chain"));
        });
        Assert.Equal(Argon2Cost.Small, small!.Slots[0].Cost);
        Assert.Equal(TidemarkError.Failed, refused!.Error);
        Assert.Contains("64 MiB", refused.Message, StringComparison.Ordinal);
        KeyOperations.Unlock(small, ebb, "chain").Dispose();
        TestKeys.Fails(TidemarkError.Key, () => KeyOperations.Unlock(small, flood, "chain"));
        itsKeys.Dispose();
    }

    /// <summary>Lets this process map no more than so many bytes beside what it has, for the time of an action.</summary>
    private static unsafe void WithAddressSpace(ulong more, Action action)
    {
        const int RLIMIT_AS = 9;
        rlimit before;
        Assert.Equal(0, Libc.getrlimit(RLIMIT_AS, &before));
        var pages = ulong.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[0], CultureInfo.InvariantCulture);
        var little = before with { rlim_cur = (pages * (ulong)Environment.SystemPageSize) + more };
        Assert.Equal(0, Libc.setrlimit(RLIMIT_AS, &little));
        try
        {
            action();
        }
        finally
        {
            Assert.Equal(0, Libc.setrlimit(RLIMIT_AS, &before));
        }
    }
}
