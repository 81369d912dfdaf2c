namespace Tidemark.Engine.Serving;

/// <summary>One thing that block status tells of ranges: its name, and flags for each range of a device.</summary>
internal abstract class NbdContext
{
    public abstract string Name { get; }

    /// <summary>The flags at <paramref name="offset"/>, and how many bytes they hold for at least.</summary>
    /// <exception cref="TidemarkException">They can't be told.</exception>
    public abstract (long Length, uint Flags) At(long offset);
}
