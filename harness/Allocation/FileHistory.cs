using System.Globalization;
using System.Text;
using Tidemark.Harness.Support;

namespace Tidemark.Harness.Allocation;

/// <summary>
/// A random history of a file system: files made, written in all places, punched, preallocated, linked, cloned, moved and deleted,
/// as one script of the system's own tools.
/// </summary>
internal static class FileHistory
{
    /// <summary>Lives through a history in a mounted folder. What doesn't fit any more fails, and the history goes on.</summary>
    /// <param name="folder">The mounted folder.</param>
    /// <param name="random">Decides everything.</param>
    /// <param name="steps">How many things happen.</param>
    /// <param name="most">Bytes of the largest file, about.</param>
    public static void Live(string folder, Random random, int steps, int most)
    {
        var script = new StringBuilder("cd \"$1\" || exit 1\nexec 2>/dev/null\n");
        for (var i = 0; i < steps; i++)
        {
            script.AppendLine(Step(random, i, most));
        }

        script.AppendLine("exit 0");
        Tool.Run("bash", "-c", script.ToString(), "bash", folder);
    }

    private static string Step(Random random, int number, int most)
    {
        // Names come from a few, so that later steps meet what earlier ones made.
        var file = $"d{random.Next(4)}/f{random.Next(12)}";
        var other = $"d{random.Next(4)}/f{random.Next(12)}";
        var length = (int)(most * Math.Pow(random.NextDouble(), 3));
        var at = random.Next(most);
        return random.Next(14) switch
        {
            0 or 1 or 2 => Text($"mkdir -p {Folder(file)}; head -c {length} /dev/urandom >{file}"),
            3 => Text($"mkdir -p {Folder(file)}; yes {number} | head -c {length} >{file}"),
            4 => Text($"head -c {length} /dev/urandom | dd of={file} bs=64k seek={at >> 16} conv=notrunc iflag=fullblock status=none"),
            5 => Text($"head -c {length / 4} /dev/urandom >>{file}"),
            6 => Text($"[ -e {file} ] && fallocate --punch-hole --offset {at} --length {length + 1} {file}"),
            7 => Text($"[ -e {file} ] && fallocate --keep-size --offset {at} --length {length + 1} {file}"),
            8 => Text($"[ -e {file} ] && truncate --size {at} {file}"),
            9 => Text($"rm -f {file}"),
            10 => Text($"ln {file} {other}"),
            11 => Text($"cp --reflink=auto {file} {other}"),
            12 => Text($"mkdir -p many/{number}; for i in $(seq {random.Next(60)}); do echo $i >many/{number}/\"a name that fills a folder $i\"; done"),
            _ => random.Next(3) switch
            {
                0 => Text($"rm -rf many/{random.Next(number + 1)}"),
                1 => Text($"mv -f {file} {other}"),
                _ => Text($"sync -f ."),
            },
        };
    }

    private static string Folder(string file) => file[..file.IndexOf('/', StringComparison.Ordinal)];

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
