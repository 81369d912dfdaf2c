using System.Globalization;

namespace Tidemark.Engine.Volumes;

/// <summary>
/// Where a path leads, as the kernel finds it: links are followed one after another, "..", too, goes from where they led, and
/// the end need not be there yet.
/// </summary>
/// <param name="Path">The absolute path without links; of what isn't there, where it would come into being.</param>
/// <param name="Descriptor">The descriptor of this process that it stands for (/dev/stdout, /dev/fd/3); null for all else.</param>
internal readonly record struct RealPath(string Path, int? Descriptor)
{
    /// <summary>As many as Linux follows (MAXSYMLINKS).</summary>
    private const int MaxLinks = 40;

    public string Folder => System.IO.Path.GetDirectoryName(Path) ?? Path;

    public static RealPath Of(string path) => OperatingSystem.IsLinux() ? OfLinux(path) : OfOther(path);

    private static RealPath OfOther(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        try
        {
            return new RealPath(File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new RealPath(full, null);
        }
    }

    private static RealPath OfLinux(string path)
    {
        var self = LinkOf("/proc/self");
        var parts = new Stack<string>();
        Push(path);
        var at = path.StartsWith('/') ? "/" : Environment.CurrentDirectory;
        var links = 0;
        while (parts.TryPop(out var part))
        {
            if (part is "" or ".")
            {
                continue;
            }

            if (part == "..")
            {
                at = System.IO.Path.GetDirectoryName(at) ?? "/";
                continue;
            }

            if (IsDescriptors(at, self) && int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && parts.Count == 0)
            {
                return new RealPath($"{at}/{part}", number);
            }

            var next = at == "/" ? $"/{part}" : $"{at}/{part}";
            if (links < MaxLinks && LinkOf(next) is { } target)
            {
                links++;
                Push(target);
                at = target.StartsWith('/') ? "/" : at;
            }
            else
            {
                at = next;
            }
        }

        return new RealPath(at, null);

        void Push(string more)
        {
            foreach (var part in more.Split('/').Reverse())
            {
                parts.Push(part);
            }
        }
    }

    private static bool IsDescriptors(string folder, string? self) => folder.Split('/') switch
    {
        ["", "proc", var process, "fd"] => process == self,
        ["", "proc", var process, "task", _, "fd"] => process == self,
        _ => false,
    };

    /// <summary>What a link holds; null for what is none.</summary>
    public static string? LinkOf(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
