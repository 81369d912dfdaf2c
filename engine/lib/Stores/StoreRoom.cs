namespace Tidemark.Engine.Stores;

/// <summary>The room that a local store's disk has, for messages.</summary>
internal static class StoreRoom
{
    /// <summary>A sentence on what is free where a file lies; nothing where the system doesn't tell.</summary>
    public static string Free(string path)
    {
        try
        {
            var free = new DriveInfo(Path.GetDirectoryName(Path.GetFullPath(path)) ?? path).AvailableFreeSpace;
            return $"{free} bytes are free there beside what this run has written. ";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return "";
        }
    }
}
