namespace Tidemark.Engine.Devices.VirtualDisks.Qcow2;

/// <summary>
/// Opens what a qcow2 file names. The name comes from inside an image, and whoever made that isn't the one who may read this
/// machine's files: so nothing is followed by its name but a regular file in the folder of the file that names it, and what
/// the user gave himself.
/// </summary>
internal sealed class NamedFiles(IReadOnlyList<GivenFile> given)
{
    /// <summary>Opens a file that <paramref name="owner"/> names.</summary>
    /// <param name="owner">Whose header has the name.</param>
    /// <param name="name">The name as it stands there.</param>
    /// <param name="role">What it is to the owner, as in "builds on".</param>
    /// <param name="found">The file among those given; null where it wasn't, and lies in the owner's folder.</param>
    /// <exception cref="TidemarkException">It isn't there, isn't a regular file, or may not be read unless it is given.</exception>
    public RawDevice Open(RawDevice owner, string name, string role, out GivenFile? found)
    {
        RequireFileName(owner, name, role);

        // The kernel goes the way that it says, links and ".." included.
        var folder = Path.GetDirectoryName(Path.GetFullPath(owner.Name)) ?? "";
        var path = Path.Combine(folder, name);
        var file = RawDevice.TryOpenRegular(path, out var kind);
        try
        {
            found = Given(owner, name, role, file?.Identity);
            if (found is not null && found.Identity != file?.Identity)
            {
                file?.Dispose();
                file = RawDevice.TryOpenRegular(found.Path, out kind);
            }

            if (file is null)
            {
                throw TidemarkException.Failed(kind == "not there"
                    ? $"{owner.Name} {role} {name}, which is not there ({path}). Put it there, or give it too."
                    : $"{owner.Name} {role} {name}, and {path} is {kind}: what a file names is read only if it is a file. Make a file of it first (qemu-img convert).");
            }

            // It was opened anew if it was given elsewhere, so it is looked at once more.
            if (found is null ? !IsBeside(owner, file) : file.Identity != found.Identity)
            {
                throw TidemarkException.Failed(found is null
                    ? $"{owner.Name} {role} {name}, which lies outside its folder ({file.RealPath ?? path}): what a file from elsewhere names isn't read "
                        + "without a word. If it belongs to the disk, give it too."
                    : $"{found.Path} was exchanged while it was looked at. Import again.");
            }

            return file;
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Whether a name is one of a file, and not "nbd://…", "json:{…}" or the like of qemu's; a drive letter is one character,
    /// and no name with one has the "://" of a protocol.
    /// </summary>
    public static bool IsFileName(string name)
    {
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        // As qemu's own path_has_protocol: a backslash is a separator on Windows only.
        var slash = name.IndexOfAny(OperatingSystem.IsWindows() ? ['/', '\\'] : ['/']);
        return name.Length > 0 && !name.Contains('\0', StringComparison.Ordinal)
            && (colon < 0 || (colon == 1 && !name.Contains("://", StringComparison.Ordinal)) || (slash >= 0 && slash < colon));
    }

    private static void RequireFileName(RawDevice owner, string name, string role)
    {
        if (!IsFileName(name))
        {
            throw TidemarkException.Failed(
                $"{owner.Name} {role} {name}, which isn't the name of a file. Make a file of its own of it first (qemu-img convert).");
        }
    }

    /// <summary>The file given that is meant: the very one, or else the only one that is called so.</summary>
    private GivenFile? Given(RawDevice owner, string name, string role, FileIdentity? there)
    {
        if (given.FirstOrDefault(file => file.Identity == there) is { } same)
        {
            return same;
        }

        var called = given.Where(file => file.Identity != owner.Identity && ParentPath.IsCalled(file.Path, [name])).ToArray();
        var exactly = called.Where(file => Path.GetFileName(file.Path) == name.Split('/', '\\')[^1]).ToArray();
        called = exactly.Length > 0 ? exactly : called;
        return called.Length < 2 ? called.FirstOrDefault() : throw TidemarkException.WrongUse(
            $"{owner.Name} {role} {name}, and {called[0].Path} and {called[1].Path} are both called so. Give the one that is meant.");
    }

    private static bool IsBeside(RawDevice owner, RawDevice file) =>
        Path.GetDirectoryName(owner.RealPath ?? Path.GetFullPath(owner.Name)) == Path.GetDirectoryName(file.RealPath ?? Path.GetFullPath(file.Name));
}
