using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Self;

/// <summary>That <c>harness/watch</c>, under which the tests run, ends what is stuck and nothing else.</summary>
public sealed class WatchTests : IDisposable
{
    private const int Ended = 124;

    private readonly TempFolder folder = new("watch");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_makes_progress_goes_on_however_long_it_takes() =>
        // Something new at every look, and more looks than the second of patience has.
        Assert.Equal(7, Watch(1, "cat /proc/sys/kernel/random/uuid", "sh", "-c", "sleep 3; exit 7").ExitCode);

    [Fact]
    public void What_makes_none_is_ended_with_all_that_it_started()
    {
        var result = Watch(2, $"cat '{folder.At("log")}'", "sh", "-c", $"echo began >'{folder.At("log")}'; sleep 1000 & echo $! >'{folder.At("child")}'; wait");
        Assert.Equal(Ended, result.ExitCode);
        Assert.Contains("nothing came of it for 2 s", result.Error, StringComparison.Ordinal);
        var child = File.ReadAllText(folder.At("child")).Trim();
        Assert.False(Directory.Exists($"/proc/{child}") && !File.ReadAllText($"/proc/{child}/stat").Contains(" Z ", StringComparison.Ordinal));
    }

    [Fact]
    public void Its_end_is_the_commands_and_its_output_too()
    {
        var result = Watch(600, "true", "sh", "-c", "echo said; echo complained >&2; exit 3");
        Assert.Equal((3, "said\n", "complained\n"), (result.ExitCode, result.Output, result.Error));
    }

    [Fact]
    public void A_program_hears_an_interrupt_even_if_whoever_started_the_tests_is_deaf_to_it()
    {
        OnlyOn.Linux();
        Tool.Require("env");
        var result = Tool.Try(
            "env", "--ignore-signal=INT", Repository.PathOf("harness/watch"), "600", "true", "sh", "-c", "sh -c 'kill -INT $$; exit 0'; echo $?");
        Assert.Equal("130\n", result.Output);
    }

    [Fact]
    public void Without_a_command_or_with_no_time_it_says_how_it_is_used()
    {
        Assert.Equal(2, Watch(1, "true").ExitCode);
        Assert.Contains("usage", Watch(0, "true", "true").Error, StringComparison.Ordinal);
    }

    private static ToolResult Watch(int seconds, string progress, params string[] command)
    {
        OnlyOn.Linux();
        return Tool.Try(Repository.PathOf("harness/watch"), [$"{seconds}", progress, .. command]);
    }
}
