namespace Tidemark.Engine.Devices.Nbd;

/// <summary>What a server said of its export, checked.</summary>
/// <param name="Flags">The transmission flags.</param>
/// <param name="MinBlock">What offsets and lengths of requests are multiples of: a power of two, 1 to 4096.</param>
/// <param name="MaxPayload">Bytes of one read or write at most.</param>
/// <param name="Structured">Whether replies are structured.</param>
/// <param name="Allocation">The number of base:allocation; null where the server doesn't tell it.</param>
internal readonly record struct NbdServerInfo(
    long Length, ushort Flags, int MinBlock, int MaxPayload, bool Structured, uint? Allocation)
{
    public bool Has(ushort flag) => (Flags & flag) != 0;
}
