using Tidemark.Engine.Programs;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Mounting;

/// <summary>Helper programs are waited for as long as they live, with a word after a while.</summary>
[Case("3.4")]
public sealed class ProgramWaitTests
{
    [Fact]
    public void What_takes_long_is_told_once_and_waited_for()
    {
        List<string> told = [];
        var asked = 0;
        new ProgramWait(told.Add, CancellationToken.None, TimeSpan.Zero).Until("the driver", _ => ++asked == 1000);
        Assert.Contains("the driver is at work", Assert.Single(told), StringComparison.Ordinal);
        Assert.Equal(1000, asked);
    }

    [Fact]
    public void What_is_quick_is_not_told()
    {
        List<string> told = [];
        new ProgramWait(told.Add, CancellationToken.None).Until("the driver", _ => true);
        Assert.Empty(told);
    }

    [Fact]
    public void A_cancellation_ends_the_wait_and_the_program()
    {
        OnlyOn.Linux();
        using var cancelled = new CancellationTokenSource();
        var wait = new ProgramWait(_ => cancelled.Cancel(), cancelled.Token, TimeSpan.Zero);
        Assert.Throws<OperationCanceledException>(() => new SystemProgram("sleep", "coreutils").Run(["1000.25"], wait));
        Assert.NotEqual(0, Tool.Try("pgrep", "--full", "sleep 1000[.]25").ExitCode);
    }

    [Fact]
    public void A_program_that_fails_after_a_cancellation_was_cancelled()
    {
        OnlyOn.Linux();
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(
            () => new SystemProgram("false", "coreutils").Run([], new ProgramWait(_ => { }, cancelled.Token)));
    }
}
