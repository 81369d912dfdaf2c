namespace Tidemark.Engine.Allocation.Xfs;

/// <summary>
/// The other tree of a group's free extents, by their lengths. It holds the same ones; without checksums that is what tells whether
/// an extent is as it was written.
/// </summary>
/// <remarks>Records ascend from leaf to leaf, so that hostile links can't make the walk endless.</remarks>
internal sealed class XfsCountTree(AllocationSource volume, XfsGeometry geometry, ulong logHead)
{
    private readonly XfsTreeBlock block = new(volume, geometry, isByCount: true);

    /// <summary>The sum of <see cref="Fingerprint"/> over all extents of a group.</summary>
    public ulong Sum(XfsAgf agf)
    {
        var level = agf.CountLevels - 1;
        Load(agf, agf.CountRoot, level);
        for (; level > 0; level--)
        {
            Load(agf, block.Child(0), level - 1);
        }

        CheckLeft(agf, XfsTreeBlock.None);
        ulong sum = 0;
        (uint Length, uint Start) last = default;
        while (true)
        {
            for (var i = 0; i < block.Count; i++)
            {
                var next = (Length: block.Length(i), Start: block.Start(i));
                if (next.CompareTo(last) <= 0)
                {
                    throw XfsMetadata.Wrong(XfsTreeBlock.Name, agf.Group, "extents by length aren't in order");
                }

                sum += Fingerprint(next.Start, next.Length);
                last = next;
            }

            if (block.Right == XfsTreeBlock.None)
            {
                return sum;
            }

            var left = block.Block;
            Load(agf, block.Right, 0);
            CheckLeft(agf, left);
        }
    }

    /// <summary>A number that other extents hardly have (the finalizer of SplitMix64), to be added up in any order.</summary>
    public static ulong Fingerprint(uint start, uint length)
    {
        var mixed = (((ulong)start << 32) | length) + 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    private void CheckLeft(XfsAgf agf, uint expected)
    {
        if (block.Left != expected)
        {
            throw XfsMetadata.Wrong(XfsTreeBlock.Name, agf.Group, "its blocks disagree on their neighbours");
        }
    }

    private void Load(XfsAgf agf, uint number, int level) => block.Read(
        agf.Group, agf.Length, number, level, mayBeEmpty: level == 0 && agf.CountLevels == 1 && number == agf.CountRoot, logHead);
}
