using System.Globalization;
using System.Text;

namespace Tidemark.Engine.Allocation.Lvm;

/// <summary>Reads LVM's configuration text (LVM2, libdm/libdm-config.c).</summary>
internal ref struct LvmText
{
    /// <summary>Sections in sections at most: a segment of a volume is in its fourth.</summary>
    private const int MaxDepth = 16;

    private readonly ReadOnlySpan<char> text;
    private int at;

    private LvmText(ReadOnlySpan<char> text) => this.text = text;

    /// <exception cref="AllocationException">It isn't such a text.</exception>
    public static LvmSection Parse(ReadOnlySpan<char> text)
    {
        // What is written to the ring ends with a zero.
        var reader = new LvmText(text.TrimEnd('\0'));
        var root = reader.Section(0);
        return reader.Peek() == '\0' ? root : throw Wrong();
    }

    private static AllocationException Wrong() => new("its LVM metadata can't be read");

    private LvmSection Section(int depth)
    {
        if (depth > MaxDepth)
        {
            throw Wrong();
        }

        var section = new LvmSection();
        while (Peek() is not ('\0' or '}'))
        {
            var name = Name();
            object value;
            if (Peek() == '{')
            {
                at++;
                value = Section(depth + 1);
                Take('}');
            }
            else
            {
                Take('=');
                value = Value();
            }

            if (!section.TryAdd(name, value))
            {
                throw Wrong();
            }
        }

        return section;
    }

    private object Value()
    {
        if (Peek() != '[')
        {
            return Scalar();
        }

        at++;
        var list = new List<object>();
        while (Peek() != ']')
        {
            if (list.Count > 0)
            {
                Take(',');
            }

            list.Add(Scalar());
        }

        at++;
        return list;
    }

    private object Scalar()
    {
        if (Peek() == '"')
        {
            return Quoted();
        }

        var start = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '-' or '+' or '.'))
        {
            at++;
        }

        var word = text[start..at];
        if (long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        return double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) ? real : throw Wrong();
    }

    private string Quoted()
    {
        var result = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            if (text[at] == '"')
            {
                at++;
                return result.ToString();
            }

            at += text[at] == '\\' ? 1 : 0;
            if (at < text.Length)
            {
                result.Append(text[at]);
            }
        }

        throw Wrong();
    }

    private string Name()
    {
        var start = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '_' or '-' or '+' or '.' or '/'))
        {
            at++;
        }

        return at > start ? text[start..at].ToString() : throw Wrong();
    }

    private void Take(char expected)
    {
        if (Peek() != expected)
        {
            throw Wrong();
        }

        at++;
    }

    /// <summary>The next character that means something; a zero at the end.</summary>
    private char Peek()
    {
        while (at < text.Length)
        {
            if (text[at] == '#')
            {
                var end = text[at..].IndexOf('\n');
                at = end < 0 ? text.Length : at + end;
            }
            else if (char.IsWhiteSpace(text[at]))
            {
                at++;
            }
            else
            {
                return text[at];
            }
        }

        return '\0';
    }
}
