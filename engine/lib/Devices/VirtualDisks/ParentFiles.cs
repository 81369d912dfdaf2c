namespace Tidemark.Engine.Devices.VirtualDisks;

/// <summary>The ordinary policy for parents: the file that the name leads to from the child's folder.</summary>
internal static class ParentFiles
{
    /// <summary>
    /// Opens a parent for reading; null if its name leads nowhere here. What is there and isn't a regular file (a
    /// device, a pipe) is never opened: the name comes from inside an image.
    /// </summary>
    /// <exception cref="TidemarkException">The file is there and can't be opened.</exception>
    public static BlockDevice? Open(BlockDevice child, string name)
    {
        if (ParentPath.Resolve(child.Name, name) is not { } path)
        {
            return null;
        }

        try
        {
            // Only a regular file has a length here; a device or a pipe says zero.
            var target = File.ResolveLinkTarget(path, returnFinalTarget: true) ?? new FileInfo(path);
            return target is FileInfo { Exists: true, Length: > 0 } ? RawDevice.OpenRead(path) : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw TidemarkException.Failed($"{path}, a parent of {child.Name}, can't be looked at: {e.Message}", e);
        }
    }
}
