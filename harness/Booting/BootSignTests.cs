using Tidemark.Engine.Booting;
using Xunit;

namespace Tidemark.Harness.Booting;

/// <summary>What follows from what a booting machine shows.</summary>
public class BootSignTests
{
    private const double Timeout = 60;

    [Fact]
    public void What_was_waited_for_is_enough_at_once()
    {
        var signs = new BootSigns("ready now");
        signs.Saw(Console("booting\nready n"), 1);
        Assert.Null(signs.Verdict(1, Timeout));
        signs.Saw(Console("booting\nready now\n"), 2);
        // Even from a machine that ends with it.
        signs.SawPowerOff();
        Assert.True(signs.Verdict(2, Timeout));
    }

    [Fact]
    public void Writes_alone_are_no_sign_where_a_text_was_asked_for()
    {
        var signs = new BootSigns("ready");
        signs.SawWrites(1000, 1);
        Assert.Null(signs.Verdict(30, Timeout));
        Assert.False(signs.Verdict(Timeout, Timeout));
        Assert.Contains("didn't say \"ready\" within 60 s", signs.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_system_that_writes_lives_unless_it_crashes_right_after()
    {
        var lives = new BootSigns(null);
        lives.SawWrites(BootSigns.LivingWrites - 1, 1);
        Assert.Null(lives.Verdict(10, Timeout));
        lives.SawWrites(BootSigns.LivingWrites, 11);
        Assert.Null(lives.Verdict(11 + BootSigns.Settling - 0.1, Timeout));
        Assert.True(lives.Verdict(11 + BootSigns.Settling, Timeout));

        var crashes = new BootSigns(null);
        crashes.SawWrites(BootSigns.LivingWrites, 11);
        crashes.Saw(Console("[ 1.0] Kernel panic - not syncing: No working init found.\n"), 12);
        Assert.False(crashes.Verdict(12, Timeout));
        Assert.Contains("panicked", crashes.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_login_prompt_is_a_sign()
    {
        var signs = new BootSigns(null);
        signs.Saw(Console("Debian GNU/Linux 12 host ttyS0\n\nhost login: "), 5);
        Assert.True(signs.Verdict(5 + BootSigns.Settling, Timeout));
    }

    [Fact]
    public void A_guest_that_resets_itself_again_and_again_is_dead()
    {
        var signs = new BootSigns(null);
        for (var i = 0; i < BootSigns.MostResets; i++)
        {
            signs.SawReset();
        }

        Assert.Null(signs.Verdict(5, Timeout));
        signs.SawReset();
        Assert.False(signs.Verdict(5, Timeout));
    }

    [Fact]
    public void A_guest_that_goes_off_without_a_sign_is_dead()
    {
        var signs = new BootSigns(null);
        signs.SawPowerOff();
        Assert.False(signs.Verdict(5, Timeout));
        var failed = new BootSigns(null);
        failed.SawDiskError("Input/output error");
        Assert.False(failed.Verdict(5, Timeout));
        Assert.Contains("Input/output error", failed.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_console_is_text_without_its_control_sequences()
    {
        var console = Console("\e[2J\e[0mSea\e[1;31mBIOS\r\n\a\tx\n\n");
        Assert.True(console.Contains("SeaBIOS\n"));
        Assert.Equal(["SeaBIOS", "x"], console.LastLines(5));
        Assert.Equal(["x"], console.LastLines(1));
    }

    [Fact]
    public void A_console_without_end_takes_bounded_memory()
    {
        var console = new ConsoleText();
        var line = new string('y', 1023) + "\n";
        for (var i = 0; i < 10_000; i++)
        {
            console.Add(line);
        }

        console.Add("last\n");
        Assert.True(console.Contains("last"));
        Assert.InRange(console.LastLines(int.MaxValue).Length, 200, 600);
    }

    [Fact]
    public void A_screen_becomes_a_picture_and_a_forged_dump_doesn_t()
    {
        using var png = new MemoryStream();
        Assert.True(Screenshot.TryWritePng([.. "P6\n2 1\n255\n"u8, 1, 2, 3, 4, 5, 6], png));
        var bytes = png.ToArray();
        Assert.Equal((byte)'P', bytes[1]);
        Assert.Equal("IEND"u8.ToArray(), bytes[^8..^4]);
        // The CRC of an empty IEND is the same in every PNG.
        Assert.Equal([0xAE, 0x42, 0x60, 0x82], bytes[^4..]);
        byte[][] forged =
        [
            [], [.. "P6"u8], [.. "P5\n2 1\n255\n"u8, 1, 2, 3, 4, 5, 6], [.. "P6\n2 1\n255\n"u8, 1, 2, 3, 4, 5],
            [.. "P6\n99999 99999\n255\n"u8, 1], [.. "P6\n-2 1\n255\n"u8, 1, 2, 3, 4, 5, 6],
        ];
        Assert.All(forged, dump => Assert.False(Screenshot.TryWritePng(dump, new MemoryStream())));
    }

    private static ConsoleText Console(string text)
    {
        var console = new ConsoleText();
        console.Add(text);
        return console;
    }
}
