namespace Tidemark.Engine.Allocation;

/// <summary>
/// Why a map isn't believed, in words that follow "all of it was read, since": "its journal has to be replayed and lies on another
/// device". Never an error of the run: the volume is read whole.
/// </summary>
internal sealed class AllocationException : Exception
{
    public AllocationException(string reason, Exception? inner = null)
        : base(reason, inner)
    {
    }
}
