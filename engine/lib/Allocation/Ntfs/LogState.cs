namespace Tidemark.Engine.Allocation.Ntfs;

/// <summary>Whether $LogFile holds changes that aren't in place: then the bitmap on disk lags behind.</summary>
internal static class LogState
{
    /// <summary>Where the second page is if pages are as small as they can be.</summary>
    private const int FirstPlace = LogRestartPage.HeadSize;

    /// <exception cref="AllocationException">The log has to be replayed, or nobody knows.</exception>
    public static void Check(NtfsVolume volume)
    {
        var log = volume.OpenContent(volume.ReadSystemFile(NtfsVolume.LogFile), NtfsAttribute.Data, "");
        if (log is null || !log.IsPlain || log.Length < 2 * LogRestartPage.MostPageSize)
        {
            throw new AllocationException("its log is missing or too small");
        }

        if (IsEmptied(log))
        {
            return;
        }

        var head = new byte[LogRestartPage.HeadSize];
        log.Read(0, head);
        var size = LogRestartPage.SizeOf(head);
        if (size == 0 || Read(log, 0, size) is not { } first || Read(log, size, size) is not { } second)
        {
            // One good page is enough for Windows; but who wrote it then didn't get to the other.
            throw new AllocationException("a restart page of its log is damaged");
        }

        if ((first.Lsn >= second.Lsn && !first.IsClean) || (second.Lsn >= first.Lsn && !second.IsClean))
        {
            throw new AllocationException("its log has to be replayed: it wasn't unmounted");
        }

        // 2.0 is what Windows 8 and newer write while they have the volume, and leave behind where they mean to come back (a fast
        // startup); with an unmount it becomes 1.1 again.
        if (first.Version is not ((1, 0) or (1, 1)) || second.Version is not ((1, 0) or (1, 1)))
        {
            throw new AllocationException($"its log is of version {first.Version.Major}.{first.Version.Minor}: Windows keeps changes to it in memory");
        }
    }

    // A new log, and one that a driver made empty when nothing was in it any more, is all ones: a page could begin at each power of
    // two.
    private static bool IsEmptied(NtfsContent log)
    {
        Span<byte> head = stackalloc byte[LogRestartPage.HeadSize];
        log.Read(0, head);
        var isEmptied = !head.ContainsAnyExcept((byte)0xFF);
        for (long at = FirstPlace; isEmptied && at <= log.Length - head.Length; at *= 2)
        {
            log.Read(at, head);
            isEmptied = !head.ContainsAnyExcept((byte)0xFF);
        }

        return isEmptied;
    }

    private static LogRestartPage? Read(NtfsContent log, long at, int size)
    {
        var page = new byte[size];
        log.Read(at, page);
        return LogRestartPage.TryRead(page);
    }
}
