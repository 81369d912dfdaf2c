using Tidemark.Engine.Stores;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Locks;

/// <summary>Machines that share nothing but a register: histories of simulated time, each replayed by the run's seed.</summary>
[DiffersBySystem]
public class LockClaimTests
{
    private const int Histories = 400;

    private static readonly LockTiming Timing = LockTiming.Shared;

    // Four steps at most lie between the look at the file and the write, all of them within the wait.
    private static readonly TimeSpan Fast = Timing.Settle / 4;

    [Fact]
    public void At_most_one_machine_holds_the_lock_even_where_exclusive_creation_is_none()
    {
        var random = Seed.Random();
        var taken = 0;
        var contended = 0;
        for (var history = 0; history < Histories; history++)
        {
            var room = new MachineRoom(new Random(random.Next()));
            var register = new SharedRegister(room);
            var holders = 0;
            room.Run([.. Enumerable.Range(0, room.Choose(3) + 2).Select(machine => (Action)(() =>
            {
                for (var round = 0; round < 3; round++)
                {
                    room.Pass(room.Below(Timing.Settle * 2));
                    var claim = Take(register.Open(Fast), room, Machine(machine, process: 100 + round), out _);
                    if (claim is null)
                    {
                        contended++;
                        continue;
                    }

                    taken++;
                    holders++;
                    Assert.Equal(1, holders);
                    room.Pass(room.Below(Timing.Settle * 2));
                    Assert.True(claim.IsHeld(out _));
                    holders--;
                    claim.End();
                }
            }))]);
        }

        Assert.True(taken > Histories && contended > Histories, $"{taken} taken, {contended} refused");
    }

    [Fact]
    public void On_a_register_that_compares_and_sets_one_machine_holds_the_lock_however_slow_it_is_and_nobody_waits()
    {
        var random = Seed.Random();
        var taken = 0;
        for (var history = 0; history < Histories; history++)
        {
            var room = new MachineRoom(new Random(random.Next()));
            var register = new SharedRegister(room, exact: true);
            var holders = 0;
            room.Run([.. Enumerable.Range(0, room.Choose(3) + 2).Select(machine => (Action)(() =>
            {
                for (var round = 0; round < 3; round++)
                {
                    room.Pass(room.Below(Timing.Settle * 2));
                    var file = register.Open(machine == 0 ? Timing.Settle * 8 : Fast);
                    var claim = LockClaim.TryTake(
                        file, Machine(machine, process: 100 + round), Guid.NewGuid(), Timing, new RoomTime(room),
                        _ => Assert.Fail("an exact register has decided"), out _);
                    if (claim is null)
                    {
                        continue;
                    }

                    taken++;
                    holders++;
                    Assert.Equal(1, holders);
                    claim.Beat();
                    Assert.True(claim.IsHeld(out _));
                    holders--;
                    claim.End();
                }
            }))]);
        }

        Assert.True(taken > Histories, $"{taken} taken");
    }

    [Fact]
    public void A_sign_of_life_never_takes_back_what_another_has_taken()
    {
        var room = new MachineRoom(Seed.Random());
        var register = new SharedRegister(room, exact: true);
        room.Run(() =>
        {
            var file = register.Open(Fast);
            var lost = Take(file, room, Machine(1, process: 1), out _)!;
            Assert.True(file.TrySet(null, file.Read().Version));
            var held = Take(file, room, Machine(2, process: 2), out _)!;
            lost.Beat();
            lost.End();
            Assert.True(held.IsHeld(out _));
            Assert.False(Take(file, room, Machine(3, process: 3), out var other) is not null);
            Assert.Equal(2, other?.Process);
        });
    }

    [Fact]
    public void Where_a_share_is_too_slow_for_the_protocol_a_commit_still_happens_once()
    {
        var random = Seed.Random();
        var lost = 0;
        for (var history = 0; history < Histories || (lost == 0 && history < 50 * Histories); history++)
        {
            var room = new MachineRoom(new Random(random.Next()));
            var register = new SharedRegister(room);
            var images = new HashSet<int>();
            room.Run([.. Enumerable.Range(0, 3).Select(machine => (Action)(() =>
            {
                for (var round = 0; round < 3; round++)
                {
                    room.Pass(room.Below(Timing.Settle * 2));
                    // The first machine's way to the share takes many times what the protocol counts on.
                    var file = register.Open(machine == 0 ? Timing.Settle * 8 : Fast);
                    var claim = Take(file, room, Machine(machine, process: 100 + round), out _);
                    if (claim is null)
                    {
                        continue;
                    }

                    // A run: look at the chain, work, look at the lock, commit under a name that must be free.
                    var next = images.Count + 1;
                    room.Pass(room.Below(Timing.Settle * 4));
                    if (!claim.IsHeld(out _))
                    {
                        lost++;
                    }
                    else if (!images.Add(next))
                    {
                        lost++;
                    }

                    claim.End();
                }
            }))]);
            Assert.Equal(Enumerable.Range(1, images.Count), images.Order());
        }

        Assert.True(lost > 0, "no history broke the protocol's assumption, so nothing was shown");
    }

    [Fact]
    public void A_dead_owner_of_this_machine_is_followed_by_one_run_only()
    {
        var random = Seed.Random();
        for (var history = 0; history < Histories; history++)
        {
            var room = new MachineRoom(new Random(random.Next()));
            var register = new SharedRegister(room);
            var holders = 0;
            var everHeld = 0;
            room.Run(() =>
            {
                var dead = LockSelf.Current with { Process = int.MaxValue - 1 };
                Assert.True(register.Open(Fast).TrySet(dead.Owner(Guid.NewGuid(), DateTimeOffset.UnixEpoch).ToBytes(), null));
            });
            room.Run([.. Enumerable.Range(0, 3).Select(_ => (Action)(() =>
            {
                room.Pass(room.Below(Timing.Settle * 2));
                if (Take(register.Open(Fast), room, LockSelf.Current, out var other) is { } claim)
                {
                    everHeld++;
                    holders++;
                    Assert.Equal(1, holders);
                    room.Pass(Timing.Settle * 10);
                    Assert.True(claim.IsHeld(out var _));
                    holders--;
                    claim.End();
                }
                else
                {
                    Assert.Equal(Environment.ProcessId, other?.Process ?? Environment.ProcessId);
                }
            }))]);
            Assert.Equal(1, everHeld);
        }
    }

    [Fact]
    public void An_owner_from_before_this_machines_start_is_watched_and_keeps_its_lock_while_it_lives()
    {
        var room = new MachineRoom(Seed.Random());
        var register = new SharedRegister(room);
        var twin = LockSelf.Current with { Boot = "another start" };
        room.Run(
            () =>
            {
                // A copy of this machine, whose process gives signs of life for a minute and then dies.
                var claim = Take(register.Open(Fast), room, twin, out _)!;
                for (var beat = 0; beat < 6; beat++)
                {
                    room.Pass(Timing.Beat);
                    claim.Beat();
                }
            },
            () =>
            {
                room.Pass(TimeSpan.FromSeconds(15));
                Assert.Null(Take(register.Open(Fast), room, LockSelf.Current, out var other));
                Assert.Equal(twin.Boot, other?.Boot);
                room.Pass(TimeSpan.FromSeconds(60));
                Assert.NotNull(Take(register.Open(Fast), room, LockSelf.Current, out _));
            });
    }

    [Fact]
    public void What_is_no_owner_is_waited_for_and_then_replaced()
    {
        var room = new MachineRoom(Seed.Random());
        var register = new SharedRegister(room);
        room.Run(() => Assert.True(register.Open(Fast).TrySet([], null)));
        room.Run(() => Assert.NotNull(Take(register.Open(Fast), room, LockSelf.Current, out _)));
        Assert.True(room.Now >= LockTiming.Shared.Settle * 2, "nobody waited for whoever might be writing");
    }

    private static LockClaim? Take(StoreRegister file, MachineRoom room, LockSelf self, out LockOwner? other) =>
        LockClaim.TryTake(file, self, Guid.NewGuid(), Timing, new RoomTime(room), room.Pass, out other);

    private static LockSelf Machine(int number, int process) =>
        new(LockSelf.Hash($"machine {number}", "host"), $"host{number}", "boot", "space", process, process);

    private sealed class RoomTime(MachineRoom room) : TimeProvider
    {
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => room.Now.Ticks;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + room.Now;
    }
}
