using System.Text;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;

namespace Tidemark.Engine.Volumes;

/// <summary>
/// How a file is found again whose content may say nothing: by its inode, which survives renaming and moving within
/// its file system, and by its path, which survives being replaced by a copy. Both are hints of one machine and one
/// system; whatever the content says is stronger, and the same everywhere.
/// </summary>
internal static partial class FileHints
{
    private const string MachineIdFile = "/etc/machine-id";

    /// <summary>Bytes of the path's digest: enough that no two paths share one.</summary>
    private const int DigestSize = 16;

    /// <summary>The items of a file; none where the path doesn't lead to one.</summary>
    public static IEnumerable<IdentityItem> Of(string path)
    {
        if (PathStatus.TryOf(path) is not { Kind: PathKind.File } status)
        {
            return [];
        }

        return NodeItem(path, status) is { } node ? [node, PathItem(path)] : [PathItem(path)];
    }

    /// <summary>The item of what has an address and no path, such as an export of a server.</summary>
    public static IdentityItem OfAddress(string address) => DigestItem(address);

    /// <summary>
    /// File system id, inode and birth time in nanoseconds. Without a birth time an inode says nothing, since it is
    /// used again after the file is gone.
    /// </summary>
    private static IdentityItem? NodeItem(string path, PathStatus status)
    {
        if (status.BirthTime is not { } birth)
        {
            return null;
        }

        // The id is made of the file system's UUID where it has one, and so is the same on another machine. On Windows
        // the volume's serial number does, which is what its files' identities have.
        var id = OperatingSystem.IsLinux()
            ? PathStatus.FileSystemId(path)
            : ((ulong)status.Storage.Major << 32) | status.Storage.Minor;
        var place = id != 0 ? id.ToString("x16") : $"{status.Storage.Major}.{status.Storage.Minor}";
        return new IdentityItem(IdentityKind.FileNode, $"{place}-{status.Storage.Inode}-{birth}");
    }

    /// <summary>
    /// A digest of machine and path: the same path on two machines that share a store isn't the same file. What the
    /// path was stands in an image's metadata.
    /// </summary>
    private static IdentityItem PathItem(string path)
    {
        var full = Path.GetFullPath(path);

        // Names differ in their case on Windows without being different.
        return DigestItem(OperatingSystem.IsWindows() ? full.ToUpperInvariant() : full);
    }

    private static IdentityItem DigestItem(string place)
    {
        var text = $"{MachineId()}\n{place}";
        Span<byte> digest = stackalloc byte[DigestSize];
        Blake3.Hash(Encoding.UTF8.GetBytes(text), digest);
        return new IdentityItem(IdentityKind.FilePath, Convert.ToHexStringLower(digest));
    }

    private static string MachineId()
    {
        if (OperatingSystem.IsWindows())
        {
            return MachineGuid() ?? Environment.MachineName;
        }

        try
        {
            if (File.Exists(MachineIdFile) && File.ReadAllText(MachineIdFile).Trim() is { Length: > 0 } id)
            {
                return id;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The name does where the id can't be read.
        }

        return Environment.MachineName;
    }
}
