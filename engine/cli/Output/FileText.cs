using System.Globalization;
using Tidemark.Engine.Files;
using Tidemark.Engine.Io;
using Tidemark.Engine.Operations.Extraction;

namespace Tidemark.Cli.Output;

/// <summary>Files of images, as ls -l and cp tell people of them.</summary>
internal static class FileText
{
    /// <summary>"-rw-r--r--     0     0         1234  2024-05-06 07:08:09 +02:00  /etc/fstab".</summary>
    public static string Line(ListedFile file)
    {
        var target = file.Target is null ? "" : $" -> {Visible(file.Target)}";
        var problem = file.Problem is null ? "" : $"  ({Visible(file.Problem)})";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Letter(file.Kind)}{Permissions(file.Mode)} {file.User,5} {file.Group,5} {file.Size,12}  {PeopleText.Time(file.Modified)}  {Visible(file.Path)}{target}{problem}");
    }

    public static void Write(TextWriter text, ListFilesResult result)
    {
        if (result.Reader is null)
        {
            var table = new TextTable("path", "offset>", "what it is");
            foreach (var volume in result.Volumes)
            {
                table.Add(volume.Name, volume.Offset.ToString(CultureInfo.InvariantCulture), MountText.Describe(volume));
            }

            table.Write(text);
        }

        Write(text, result.Problems);
    }

    public static void Write(TextWriter text, ExtractResult result)
    {
        Write(text, result.Problems);
        var specials = result.Specials > 0 ? $" {PeopleText.Count(result.Specials, "special file")} (devices, sockets, pipes) left out." : "";
        text.WriteLine(
            $"{PeopleText.Count(result.Files, "file")}, {PeopleText.Count(result.Folders, "folder")} and {PeopleText.Count(result.Links, "link")}, "
            + $"{PeopleText.Bytes(result.Bytes)}, are in {result.Folder} after {PeopleText.Duration(result.Seconds)}.{specials}");
    }

    private static void Write(TextWriter text, IReadOnlyList<FileProblem> problems)
    {
        foreach (var problem in problems)
        {
            text.WriteLine($"{Visible(problem.Path)}: {Visible(problem.Message)}");
        }
    }

    // Names come from the image: what would move a terminal's cursor is shown as its number.
    private static string Visible(string text) => text.Any(char.IsControl)
        ? string.Concat(text.Select(c => char.IsControl(c) ? RawName.Escaped(c) : c.ToString()))
        : text;

    private static char Letter(FileKind kind) => kind switch
    {
        FileKind.Folder => 'd',
        FileKind.Link => 'l',
        FileKind.Fifo => 'p',
        FileKind.Socket => 's',
        FileKind.BlockDevice => 'b',
        FileKind.CharacterDevice => 'c',
        FileKind.Other => '?',
        _ => '-',
    };

    private static string Permissions(int mode)
    {
        const string Letters = "rwxrwxrwx";
        var text = Letters.Select((letter, i) => (mode & (0x100 >> i)) != 0 ? letter : '-').ToArray();
        for (var three = 0; three < 3; three++)
        {
            if ((mode & (0x800 >> three)) != 0)
            {
                var at = (3 * three) + 2;
                var letter = three == 2 ? 't' : 's';
                text[at] = text[at] == 'x' ? letter : char.ToUpperInvariant(letter);
            }
        }

        return new string(text);
    }
}
