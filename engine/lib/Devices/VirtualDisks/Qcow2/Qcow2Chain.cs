namespace Tidemark.Engine.Devices.VirtualDisks.Qcow2;

/// <summary>qcow2 files and what they build on.</summary>
internal static class Qcow2Chain
{
    /// <summary>The header of a file that begins as qcow2; null for any other.</summary>
    /// <exception cref="TidemarkException">It begins so and isn't sound.</exception>
    public static Qcow2Header? TryReadHeader(BlockDevice file)
    {
        var start = new byte[Math.Min(file.Length, Qcow2Header.ReadSize)];
        VirtualDisk.ReadMark(file, 0, start);
        if (!Qcow2Header.HasMagic(start))
        {
            return null;
        }

        return Qcow2Header.Read(start, out var problem)
            ?? throw TidemarkException.Damaged($"{file.Name} is a damaged qcow2 file: {problem}. Restore the file from a copy.");
    }

    /// <summary>The full path of a file's backing file; null where it has none.</summary>
    /// <exception cref="TidemarkException">The name means something other than a file, which a file may not ask for.</exception>
    public static string? BackingPath(string path, Qcow2Header header)
    {
        if (header.BackingFile is not { } name)
        {
            return null;
        }

        // "nbd://…", "json:{…}" and the like of qemu; a drive letter is one character.
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        var slash = name.IndexOfAny(['/', '\\']);
        if (colon > 1 && (slash < 0 || colon < slash))
        {
            throw TidemarkException.Failed(
                $"{path} builds on {name}, which isn't the name of a file. Make a file of its own of it first (qemu-img convert).");
        }

        return Path.GetFullPath(name, Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Refuses a chain of backing files that leads to anything but regular files, or back to itself.</summary>
    /// <exception cref="TidemarkException">It does, or a file is missing or damaged.</exception>
    public static void RequireFiles(string path)
    {
        for (var depth = 0; depth < ParentSearch.MaxDepth; depth++)
        {
            using var file = RawDevice.OpenRead(path);
            if (file.IsBlockDevice)
            {
                throw TidemarkException.Failed($"{path}, a backing file, is a device. Make a file of it first (qemu-img convert).");
            }

            if (TryReadHeader(file) is not { } header || BackingPath(path, header) is not { } next)
            {
                return;
            }

            path = next;
        }

        throw TidemarkException.Damaged($"The backing files of {path} are more than {ParentSearch.MaxDepth}, or lead back to themselves.");
    }
}
