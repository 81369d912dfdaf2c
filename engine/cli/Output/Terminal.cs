using System.Globalization;
using System.Text;
using Spectre.Console;

namespace Tidemark.Cli.Output;

/// <summary>What the terminal can do, if there is one.</summary>
internal static class Terminal
{
    /// <summary>Where nothing says how wide it is; what terminals have been since they were cards.</summary>
    private const int UsualWidth = 80;

    /// <summary>A narrower one isn't read by anybody: some say 0 or 1 where they don't know.</summary>
    private const int LeastWidth = 20;

    /// <summary>Wider lines than this are hard to read, but tables are looked up and not read.</summary>
    private const int MostWidth = 1000;

    /// <summary>Whether a bar that redraws itself can stand on standard error.</summary>
    public static bool CanShowBar => !Console.IsErrorRedirected && IsCapable;

    /// <summary>Whether tables on standard output are looked at by people.</summary>
    public static bool CanShowTables => !Console.IsOutputRedirected && IsCapable;

    /// <summary>Columns: what COLUMNS says, as everywhere, else the window's, else 80.</summary>
    public static int Width
    {
        get
        {
            if (int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), NumberStyles.None, CultureInfo.InvariantCulture, out var columns)
                && columns is >= LeastWidth and <= MostWidth)
            {
                return columns;
            }

            try
            {
                return !Console.IsOutputRedirected || !Console.IsErrorRedirected ? Sensible(Console.WindowWidth) : UsualWidth;
            }
            catch (Exception e) when (e is IOException or PlatformNotSupportedException)
            {
                return UsualWidth;
            }
        }
    }

    private static bool IsCapable => Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb") || OperatingSystem.IsWindows();

    /// <summary>The terminal of standard error, to draw on; what is written there ends in a lasting stream.</summary>
    /// <param name="writer">Leads to the terminal.</param>
    public static IAnsiConsole Create(TextWriter writer)
    {
        // The library looks at the system's own writers only: on Windows it also has to switch the console's codes on.
        var seen = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new Place(writer),
            Ansi = seen.Profile.Capabilities.Ansi ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = (ColorSystemSupport)seen.Profile.Capabilities.ColorSystem,
            Interactive = InteractionSupport.Yes,
        });
    }

    private static int Sensible(int columns) => columns < LeastWidth ? UsualWidth : Math.Min(columns, MostWidth);

    private sealed class Place(TextWriter writer) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => true;

        int IAnsiConsoleOutput.Width => Terminal.Width;

        // Nothing drawn here is as high as a terminal; the library shortens what is higher.
        public int Height => MostWidth;

        public void SetEncoding(Encoding encoding)
        {
            // It is UTF-8.
        }
    }
}
