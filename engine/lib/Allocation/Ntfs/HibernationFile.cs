namespace Tidemark.Engine.Allocation.Ntfs;

/// <summary>
/// The header of hiberfil.sys. A Windows that hibernated, or was shut down for a fast startup, goes on with what it has in memory of
/// this file system, its bitmap too; a header says so by "hibr" or "HIBR", and by "wake" or "RSTR" where a start was tried. Only
/// one that was wiped says for sure that nobody comes back.
/// </summary>
internal static class HibernationFile
{
    /// <summary>A page of memory, which the header takes.</summary>
    public const int HeaderSize = 4096;

    /// <param name="content">Null where all of it is in its record.</param>
    /// <exception cref="AllocationException">A Windows may come back to this volume.</exception>
    public static void Check(NtfsContent? content)
    {
        // A short one is left on volumes that aren't the system's own.
        Span<byte> header = stackalloc byte[HeaderSize];
        if (content is null || content.Length < HeaderSize)
        {
            throw new AllocationException("a Windows that uses it is hibernated");
        }

        content.Read(0, header);
        if (header.ContainsAnyExcept((byte)0))
        {
            throw new AllocationException("Windows is hibernated on it (or shut down for a fast startup): hiberfil.sys has a header");
        }
    }
}
