using System.Text;

namespace Tidemark.Engine.Booting;

/// <summary>
/// What a guest writes to its serial console, as text to search: without the sequences that move a cursor or set a colour
/// (ECMA-48), bounded, since a guest may write without end. Written by one thread, read by another.
/// </summary>
internal sealed class ConsoleText
{
    /// <summary>A boot's messages are some 60 KiB; what was said before isn't searched again anyway.</summary>
    private const int MaxKept = 256 << 10;

    private readonly Lock gate = new();
    private readonly StringBuilder text = new();
    private Escape state;

    private enum Escape
    {
        None,
        Begun,
        Control,
    }

    /// <summary>Takes what came, in Latin-1 or UTF-8; other bytes stand for themselves.</summary>
    public void Add(ReadOnlySpan<char> characters)
    {
        lock (gate)
        {
            foreach (var c in characters)
            {
                Add(c);
            }

            if (text.Length > 2 * MaxKept)
            {
                text.Remove(0, text.Length - MaxKept);
            }
        }
    }

    /// <summary>Whether something was said.</summary>
    public bool Contains(string wanted)
    {
        lock (gate)
        {
            return text.ToString().Contains(wanted, StringComparison.Ordinal);
        }
    }

    /// <summary>The last lines that say something.</summary>
    public string[] LastLines(int count)
    {
        lock (gate)
        {
            var lines = text.ToString().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            return lines.Length > count ? lines[^count..] : lines;
        }
    }

    private void Add(char c)
    {
        switch (state)
        {
            case Escape.Begun:
                state = c == '[' ? Escape.Control : Escape.None;
                break;
            case Escape.Control:
                // Parameters and intermediates end with a byte from 0x40 on.
                state = c is >= '@' and <= '~' ? Escape.None : Escape.Control;
                break;
            case Escape.None when c == '\e':
                state = Escape.Begun;
                break;
            case Escape.None when c is '\n' or '\t' || !char.IsControl(c):
                text.Append(c);
                break;
        }
    }
}
