using Tidemark.Engine.Operations.Hosting;
using Tidemark.Harness.Support;
using Tidemark.Interop.Linux;
using Xunit;

namespace Tidemark.Harness.Engine;

/// <summary>That a run in the background, with the threads it starts, is one.</summary>
[DiffersBySystem]
public class BackgroundTests
{
    [Fact]
    public void A_thread_and_those_it_starts_yield_to_others()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Threads have a niceness on Linux alone; elsewhere it would be this whole process.");
        int before = 0, nice = 0;
        nint idle = 0;
        string? refused = "";
        var parent = new Thread(() =>
        {
            before = Libc.getpriority(Libc.PRIO_PROCESS, 0);
            refused = Background.Enter();
            var child = new Thread(() =>
            {
                nice = Libc.getpriority(Libc.PRIO_PROCESS, 0);
                idle = Libc.ioprio_get(Libc.SYS_ioprio_get, Libc.IOPRIO_WHO_PROCESS, 0);
            });
            child.Start();
            child.Join();
        });
        parent.Start();
        parent.Join();
        Assert.Null(refused);
        Assert.InRange(before, -20, 18);
        Assert.Equal(19, nice);
        Assert.Equal(Libc.IOPRIO_CLASS_IDLE, idle >> Libc.IOPRIO_CLASS_SHIFT);

        // This thread is as it was.
        Assert.Equal(before, Libc.getpriority(Libc.PRIO_PROCESS, 0));
    }
}
