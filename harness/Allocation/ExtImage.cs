using System.Globalization;
using System.Text;
using Tidemark.Harness.Support;

namespace Tidemark.Harness.Allocation;

/// <summary>Makes ext file systems in files, and fills them without mounting.</summary>
internal static class ExtImage
{
    /// <summary>Makes a file system of a size in MiB.</summary>
    public static string Make(TempFolder folder, int size, params string[] options)
    {
        Tool.Require("mkfs.ext4", "dumpe2fs", "debugfs");
        var image = folder.Sparse($"{Guid.NewGuid():N}.img", (long)size << 20);
        Tool.Run("mkfs.ext4", ["-q", "-F", .. options, image]);
        return image;
    }

    /// <summary>Writes files and folders by debugfs and removes some of them again, so that what is free lies in pieces.</summary>
    public static void Fill(TempFolder folder, string image, Random random, long bytes)
    {
        var commands = new StringBuilder();
        var names = new List<string>();
        var content = folder.At($"content-{Guid.NewGuid():N}");
        Directory.CreateDirectory(content);
        for (var number = 0; bytes > 0; number++)
        {
            var length = (int)Math.Min(bytes, 1 + (long)(400_000 * Math.Pow(random.NextDouble(), 2)));
            var source = Path.Combine(content, number.ToString(CultureInfo.InvariantCulture));
            var noise = new byte[length];
            random.NextBytes(noise);
            File.WriteAllBytes(source, noise);
            if (number % 20 == 0)
            {
                commands.Append(CultureInfo.InvariantCulture, $"mkdir d{number}\n");
            }

            names.Add($"f{number}");
            commands.Append(CultureInfo.InvariantCulture, $"write {source} f{number}\n");
            bytes -= length;
            if (random.Next(3) == 0)
            {
                var index = random.Next(names.Count);
                commands.Append(CultureInfo.InvariantCulture, $"rm {names[index]}\n");
                names.RemoveAt(index);
            }
        }

        Debugfs(folder, image, commands.ToString());
    }

    /// <summary>Runs commands of debugfs, one a line, on an image.</summary>
    public static void Debugfs(TempFolder folder, string image, string commands)
    {
        var script = folder.At($"script-{Guid.NewGuid():N}");
        File.WriteAllText(script, commands);
        Tool.Run("debugfs", "-w", "-f", script, image);
    }
}
