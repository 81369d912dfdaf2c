using System.Text;
using Tidemark.Engine;
using Tidemark.Engine.Stores;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Locks;

/// <summary>What a folder says of its owner, and what can be said of that.</summary>
[DiffersBySystem]
public class LockOwnerTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_was_written_is_read_back()
    {
        var owner = LockSelf.Current.Owner(Guid.NewGuid(), Noon) with { Beat = 7, Seen = Noon.AddSeconds(70) };
        var bytes = owner.ToBytes();
        Assert.Equal(LockOwner.MaxBytes, bytes.Length);
        Assert.Equal(owner, LockOwner.TryParse(bytes));
        Assert.Contains(Environment.MachineName, owner.Describe(), StringComparison.Ordinal);
        Assert.Contains(LocalTime.Text(Noon), owner.Describe(), StringComparison.Ordinal);
        Assert.DoesNotContain(File.Exists("/etc/machine-id") ? File.ReadAllText("/etc/machine-id").Trim() : "none", Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_cut_off_or_altered_is_never_taken_for_an_owner_and_never_shown_as_it_is()
    {
        var bytes = LockSelf.Current.Owner(Guid.NewGuid(), Noon).ToBytes();
        var end = Encoding.UTF8.GetString(bytes).IndexOf("end\n", StringComparison.Ordinal) + 3;
        for (var length = 0; length < end; length++)
        {
            Assert.Null(LockOwner.TryParse(bytes.AsSpan(0, length)));
        }

        var random = Seed.Random();
        for (var round = 0; round < 5000; round++)
        {
            var other = bytes.ToArray();
            for (var change = random.Next(1, 6); change > 0; change--)
            {
                other[random.Next(other.Length)] = (byte)random.Next(256);
            }

            var read = LockOwner.TryParse(other.AsSpan(0, random.Next(other.Length + 1)));
            Assert.DoesNotContain(read?.Describe() ?? "", char.IsControl);
        }
    }

    [Fact]
    public void A_process_of_this_machine_is_known_to_run_or_to_be_gone()
    {
        var self = LockSelf.Current;
        var owner = self.Owner(Guid.NewGuid(), Noon);
        Assert.Equal(OwnerState.Running, self.Judge(owner));
        Assert.Equal(OwnerState.Gone, self.Judge(owner with { Started = owner.Started + 1 }));
        Assert.Equal(OwnerState.Gone, self.Judge(owner with { Process = int.MaxValue - 1 }));
        Assert.Equal(OwnerState.Elsewhere, self.Judge(owner with { Machine = LockSelf.Hash("another", "host") }));
        Assert.Equal(OwnerState.Elsewhere, self.Judge(owner with { Space = "pid:[1]" }));
        Assert.Equal(OwnerState.BeforeStart, self.Judge(owner with { Boot = Guid.NewGuid().ToString() }));
    }
}
