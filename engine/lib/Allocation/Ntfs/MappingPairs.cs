namespace Tidemark.Engine.Allocation.Ntfs;

/// <summary>
/// Where the content of a non-resident attribute lies (Linux-NTFS project's documentation, "Data Runs"): of each run the length
/// and how far its first cluster lies behind that of the run before, both signed and as short as they can be.
/// </summary>
internal static class MappingPairs
{
    /// <summary>Runs of one content, 24 MiB of them: no driver makes that many, and memory has a bound.</summary>
    private const int MostRuns = 1 << 20;

    /// <summary>Appends the runs of one part of a content.</summary>
    /// <param name="pairs">The pairs, a zero behind them.</param>
    /// <param name="vcns">First cluster of the content that the part describes, and the one behind its last.</param>
    /// <param name="clusters">Clusters of the volume.</param>
    /// <param name="runs">Gets the runs; those of the parts before are in it.</param>
    /// <exception cref="AllocationException">The pairs are damaged, or lead out of the volume.</exception>
    public static void Append(ReadOnlySpan<byte> pairs, (long First, long End) vcns, long clusters, List<ClusterRun> runs)
    {
        var vcn = vcns.First;
        long lcn = 0;
        while (pairs.Length > 0 && pairs[0] != 0)
        {
            var lengthBytes = pairs[0] & 0xF;
            var offsetBytes = pairs[0] >> 4;
            if (lengthBytes is 0 or > 8 || offsetBytes > 8 || pairs.Length < 1 + lengthBytes + offsetBytes)
            {
                throw Damaged();
            }

            var length = Signed(pairs.Slice(1, lengthBytes));
            var offset = Signed(pairs.Slice(1 + lengthBytes, offsetBytes));
            pairs = pairs[(1 + lengthBytes + offsetBytes)..];
            if (length <= 0 || length > vcns.End - vcn)
            {
                throw Damaged();
            }

            if (offsetBytes > 0)
            {
                lcn = unchecked(lcn + offset);
                if (lcn < 0 || lcn >= clusters || length > clusters - lcn)
                {
                    throw new AllocationException("a file's clusters lie outside of it");
                }
            }

            if (runs.Count == MostRuns)
            {
                throw new AllocationException($"a file is in more than {MostRuns} pieces");
            }

            runs.Add(new ClusterRun(vcn, offsetBytes == 0 ? -1 : lcn, length));
            vcn += length;
        }

        if (pairs.Length == 0 || vcn != vcns.End)
        {
            throw Damaged();
        }
    }

    private static AllocationException Damaged() => new("the list of a file's clusters is damaged");

    private static long Signed(ReadOnlySpan<byte> bytes)
    {
        long value = bytes.Length > 0 ? (sbyte)bytes[^1] : 0;
        for (var i = bytes.Length - 2; i >= 0; i--)
        {
            value = (value << 8) | bytes[i];
        }

        return value;
    }
}
