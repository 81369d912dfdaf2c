using System.Diagnostics;

namespace Tidemark.Engine.Devices;

/// <summary>Sorted ranges of bytes that neither touch nor overlap. Not safe for several threads.</summary>
internal sealed class RangeSet
{
    // Start of each range, and its end.
    private readonly SortedList<long, long> ranges = [];

    public void Clear() => ranges.Clear();

    public void Add(long start, long end)
    {
        Debug.Assert(start >= 0 && start <= end);
        if (start == end)
        {
            return;
        }

        // Whatever it touches becomes a part of it.
        var i = FirstEndingAtOrAfter(start);
        while (i < ranges.Count && ranges.GetKeyAtIndex(i) <= end)
        {
            start = Math.Min(start, ranges.GetKeyAtIndex(i));
            end = Math.Max(end, ranges.GetValueAtIndex(i));
            ranges.RemoveAt(i);
        }

        ranges.Add(start, end);
    }

    public void Remove(long start, long end)
    {
        Debug.Assert(start >= 0 && start <= end);
        if (start == end)
        {
            return;
        }

        var i = FirstEndingAtOrAfter(start + 1);
        while (i < ranges.Count && ranges.GetKeyAtIndex(i) < end)
        {
            var (oldStart, oldEnd) = (ranges.GetKeyAtIndex(i), ranges.GetValueAtIndex(i));
            ranges.RemoveAt(i);
            if (oldStart < start)
            {
                ranges.Add(oldStart, start);
                i++;
            }

            if (oldEnd > end)
            {
                ranges.Add(end, oldEnd);
                i++;
            }
        }
    }

    /// <summary>Where the first byte of the set at or after <paramref name="start"/> is; -1 if there is none before <paramref name="end"/>.</summary>
    public long FirstIn(long start, long end)
    {
        var i = FirstEndingAtOrAfter(start + 1);
        if (i == ranges.Count)
        {
            return -1;
        }

        var found = Math.Max(start, ranges.GetKeyAtIndex(i));
        return found < end ? found : -1;
    }

    /// <summary>Where the run of bytes from <paramref name="offset"/> that are all in the set, or all not in it, ends.</summary>
    public (bool Inside, long End) RunAt(long offset)
    {
        var i = FirstEndingAtOrAfter(offset + 1);
        if (i == ranges.Count)
        {
            return (false, long.MaxValue);
        }

        var start = ranges.GetKeyAtIndex(i);
        return start <= offset ? (true, ranges.GetValueAtIndex(i)) : (false, start);
    }

    // Ends are sorted as the starts are, since the ranges are apart.
    private int FirstEndingAtOrAfter(long offset)
    {
        int low = 0, high = ranges.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (ranges.GetValueAtIndex(middle) < offset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
