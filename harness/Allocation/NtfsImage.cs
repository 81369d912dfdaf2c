using System.Buffers.Binary;
using System.Collections;
using System.Globalization;
using System.Text.RegularExpressions;
using Tidemark.Harness.Support;

namespace Tidemark.Harness.Allocation;

/// <summary>An NTFS volume in a file: made by mkntfs, judged by ntfscat, and its first records edited in place.</summary>
internal sealed partial class NtfsImage
{
    private const int Stride = 512;

    /// <summary>Records of which $MFTMirr has copies.</summary>
    private const int Mirrored = 4;

    private NtfsImage(string path)
    {
        Path = path;
        var boot = ReadBytes(0, Stride);
        var sector = BinaryPrimitives.ReadUInt16LittleEndian(boot.AsSpan(11));
        ClusterSize = sector * (boot[13] <= 128 ? boot[13] : 1 << (256 - boot[13]));
        Clusters = BinaryPrimitives.ReadInt64LittleEndian(boot.AsSpan(40)) * sector / ClusterSize;
        RecordSize = (sbyte)boot[64] < 0 ? 1 << -(sbyte)boot[64] : boot[64] * ClusterSize;
        MftOffset = BinaryPrimitives.ReadInt64LittleEndian(boot.AsSpan(48)) * ClusterSize;
        MirrorOffset = BinaryPrimitives.ReadInt64LittleEndian(boot.AsSpan(56)) * ClusterSize;
    }

    public string Path { get; }

    public int ClusterSize { get; }

    public long Clusters { get; }

    public int RecordSize { get; }

    private long MftOffset { get; }

    private long MirrorOffset { get; }

    public static NtfsImage Make(TempFolder folder, long length, int clusterSize = 4096, int sectorSize = 512)
    {
        Tool.Require("mkntfs", "ntfscat");
        var path = folder.Sparse($"{Guid.NewGuid():N}.ntfs", length);
        Tool.Run(
            "mkntfs", "--quick", "--quiet", "--force", "--cluster-size", clusterSize.ToString(CultureInfo.InvariantCulture),
            "--sector-size", sectorSize.ToString(CultureInfo.InvariantCulture), path);
        return new NtfsImage(path);
    }

    public static NtfsImage Of(string path) => new(path);

    /// <summary>What ntfscat says that $Bitmap holds, a bit a cluster.</summary>
    public IReadOnlyList<bool> Bitmap(TempFolder folder)
    {
        Tool.Require("ntfscat");
        var file = folder.At($"{Guid.NewGuid():N}.bits");
        Tool.Run("bash", "-c", "ntfscat --force --inode 6 \"$1\" >\"$2\"", "bash", Path, file);
        var bits = new BitArray(File.ReadAllBytes(file));
        return [.. bits.Cast<bool>().Take((int)Clusters)];
    }

    /// <summary>The figure of free clusters of ntfsinfo.</summary>
    public long FreeClusters() =>
        long.Parse(FreeLine().Match(Tool.Run("ntfsinfo", "--force", "--mft", Path).Output).Groups[1].Value, CultureInfo.InvariantCulture);

    /// <summary>Fails unless ntfsfix finds nothing to repair.</summary>
    public void AssertClean() => Tool.Run("ntfsfix", "--no-action", Path);

    public byte[] ReadBytes(long offset, int count)
    {
        using var file = File.OpenRead(Path);
        file.Position = offset;
        var bytes = new byte[count];
        file.ReadExactly(bytes);
        return bytes;
    }

    public void WriteBytes(long offset, ReadOnlySpan<byte> bytes)
    {
        using var file = File.OpenWrite(Path);
        file.Position = offset;
        file.Write(bytes);
    }

    /// <summary>Changes one of the first records, and its copy if it has one.</summary>
    /// <param name="number">At most 15, which are side by side.</param>
    /// <param name="edit">Gets the record without its update sequence.</param>
    /// <param name="mirror">Whether the copy changes too.</param>
    public void Edit(int number, Action<byte[]> edit, bool mirror = true)
    {
        var record = Record(number);
        edit(record);
        Protect(record);
        WriteBytes(MftOffset + (number * RecordSize), record);
        if (number < Mirrored && mirror)
        {
            WriteBytes(MirrorOffset + (number * RecordSize), record);
        }
    }

    /// <summary>One of the first records without its update sequence.</summary>
    public byte[] Record(int number)
    {
        var record = ReadBytes(MftOffset + (number * RecordSize), RecordSize);
        int at = BinaryPrimitives.ReadUInt16LittleEndian(record.AsSpan(4));
        for (var i = 1; i <= RecordSize / Stride; i++)
        {
            record.AsSpan(at + (2 * i), 2).CopyTo(record.AsSpan((i * Stride) - 2));
        }

        return record;
    }

    /// <summary>Where an unnamed attribute begins in a record.</summary>
    public static int AttributeAt(byte[] record, uint type)
    {
        int at = BinaryPrimitives.ReadUInt16LittleEndian(record.AsSpan(20));
        while (BinaryPrimitives.ReadUInt32LittleEndian(record.AsSpan(at)) != type || record[at + 9] != 0)
        {
            at += BinaryPrimitives.ReadInt32LittleEndian(record.AsSpan(at + 4));
        }

        return at;
    }

    /// <summary>The first run of an unnamed non-resident attribute that needs no more than its first run.</summary>
    public long FirstCluster(int number, uint type = 0x80)
    {
        var record = Record(number);
        var at = AttributeAt(record, type);
        var pairs = record.AsSpan(at + BinaryPrimitives.ReadUInt16LittleEndian(record.AsSpan(at + 32)));
        var (lengthBytes, offsetBytes) = (pairs[0] & 0xF, pairs[0] >> 4);
        long lcn = 0;
        for (var i = offsetBytes - 1; i >= 0; i--)
        {
            lcn = (lcn << 8) | pairs[1 + lengthBytes + i];
        }

        return lcn;
    }

    /// <summary>Sets the state of a cluster in $Bitmap, whose content is in one piece.</summary>
    public void Mark(long cluster, bool used)
    {
        var offset = (FirstCluster(6) * ClusterSize) + (cluster / 8);
        var bits = ReadBytes(offset, 1);
        bits[0] = (byte)(used ? bits[0] | (1 << (int)(cluster % 8)) : bits[0] & ~(1 << (int)(cluster % 8)));
        WriteBytes(offset, bits);
    }

    /// <summary>Puts an update sequence over a record or page.</summary>
    public static void Protect(byte[] record)
    {
        int at = BinaryPrimitives.ReadUInt16LittleEndian(record.AsSpan(4));
        for (var i = 1; i <= record.Length / Stride; i++)
        {
            record.AsSpan((i * Stride) - 2, 2).CopyTo(record.AsSpan(at + (2 * i)));
            record.AsSpan(at, 2).CopyTo(record.AsSpan((i * Stride) - 2));
        }
    }

    [GeneratedRegex(@"Free Clusters: (\d+)")]
    private static partial Regex FreeLine();
}
