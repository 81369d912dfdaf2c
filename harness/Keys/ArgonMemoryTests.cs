using Tidemark.Engine.Keys;
using Tidemark.Harness.Support;
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
}
