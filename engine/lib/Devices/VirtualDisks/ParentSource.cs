namespace Tidemark.Engine.Devices.VirtualDisks;

/// <summary>Where the parents of differencing disks are looked for.</summary>
/// <param name="Open">Opens a file by a name.</param>
internal sealed record ParentSource(ParentOpener Open)
{
    /// <summary>Full paths of files that the user gave: they are looked at first, whatever names are stored.</summary>
    public IReadOnlyList<string> Given { get; init; } = [];

    /// <summary>What else a stored name may mean on this system, best first.</summary>
    public Func<BlockDevice, string, IEnumerable<string>> Variants { get; init; } = (_, name) => [name];

    /// <summary>Files of this system, found by the names that children store, or among those given.</summary>
    public static ParentSource Files(IReadOnlyList<string> given) => new(ParentFiles.Open)
    {
        Given = [.. given.Select(Path.GetFullPath)],
        Variants = ParentFiles.Variants,
    };
}
