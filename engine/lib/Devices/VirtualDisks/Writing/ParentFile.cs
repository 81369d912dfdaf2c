namespace Tidemark.Engine.Devices.VirtualDisks.Writing;

/// <summary>What a differencing disk says of its parent.</summary>
/// <param name="Id">The id that the parent's own file has: unique id of a VHD, data write GUID of a VHDX.</param>
/// <param name="TimeStamp">A VHD's own time stamp; 0 for others.</param>
/// <param name="RelativePath">From the child's folder, with the separators of this system.</param>
/// <param name="AbsolutePath">The full path.</param>
internal sealed record ParentFile(Guid Id, uint TimeStamp, string RelativePath, string AbsolutePath)
{
    /// <summary>The name alone.</summary>
    public string Name => Path.GetFileName(AbsolutePath);

    /// <summary>The relative path as Windows writes it, <c>.\base.vhdx</c>; readers take it from the child's folder.</summary>
    public string WindowsRelativePath
    {
        get
        {
            var path = RelativePath.Replace('/', '\\');
            return path.StartsWith('.') ? path : @".\" + path;
        }
    }

    /// <summary>The full path with the separators of Windows; on Linux it leads somewhere on Linux only.</summary>
    public string WindowsAbsolutePath => AbsolutePath.Replace('/', '\\');
}
