using System.Buffers.Binary;
using System.Numerics;
using Tidemark.Harness.Support;

namespace Tidemark.Harness.Allocation;

/// <summary>An exFAT volume in a file, made by mkfs.exfat; its places read by hand, its boot region sealed again after a change.</summary>
internal sealed class ExfatImage
{
    private ExfatImage(string path) => Path = path;

    public string Path { get; }

    public int SectorSize => 1 << Bytes(108, 1)[0];

    public int ClusterSize => SectorSize << Bytes(109, 1)[0];

    public long TableOffset => Number(80) * (long)SectorSize;

    public long TableLength => Number(84) * (long)SectorSize;

    public long HeapOffset => Number(88) * (long)SectorSize;

    public int Clusters => (int)Number(92);

    public uint RootCluster => Number(96);

    public static ExfatImage Make(TempFolder folder, long length, params string[] options)
    {
        Tool.Require("mkfs.exfat");
        var path = folder.Sparse($"{Guid.NewGuid():N}.exfat", length);
        Tool.Run("mkfs.exfat", [.. options, path]);
        return new ExfatImage(path);
    }

    public static ExfatImage Of(string path) => new(path);

    /// <summary>A bit a cluster by the first bitmap, which is in one piece.</summary>
    public IReadOnlyList<bool> Used()
    {
        var bits = Bytes(OffsetOf(Number(Entry(0x81) + 20)), (Clusters + 7) / 8);
        return [.. Enumerable.Range(0, Clusters).Select(cluster => (bits[cluster / 8] >> (cluster % 8) & 1) != 0)];
    }

    /// <summary>Where the first entry of a type is in the first cluster of the root folder.</summary>
    public long Entry(byte type)
    {
        for (var at = OffsetOf(RootCluster); ; at += 32)
        {
            if (Bytes(at, 1)[0] == type)
            {
                return at;
            }
        }
    }

    public long OffsetOf(uint cluster) => HeapOffset + ((cluster - 2L) * ClusterSize);

    public long LinkOf(uint cluster) => TableOffset + (cluster * 4L);

    /// <summary>Sets the bit of a cluster in the bitmap that begins at an offset.</summary>
    public void Mark(long bitmap, uint cluster, bool used)
    {
        var at = bitmap + ((cluster - 2) / 8);
        var bit = (byte)(1 << (int)((cluster - 2) % 8));
        var old = Bytes(at, 1)[0];
        Write(at, [(byte)(used ? old | bit : old & ~bit)]);
    }

    public byte[] Bytes(long offset, int count)
    {
        using var file = File.OpenRead(Path);
        file.Position = offset;
        var bytes = new byte[count];
        file.ReadExactly(bytes);
        return bytes;
    }

    public uint Number(long offset) => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(offset, 4));

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        using var file = File.OpenWrite(Path);
        file.Position = offset;
        file.Write(bytes);
    }

    public void WriteNumber(long offset, uint value) => Write(offset, BitConverter.GetBytes(value));

    /// <summary>Makes the checksum of the main boot region right.</summary>
    public void Seal()
    {
        uint sum = 0;
        var region = Bytes(0, 11 * SectorSize);
        for (var i = 0; i < region.Length; i++)
        {
            sum = i is 106 or 107 or 112 ? sum : BitOperations.RotateRight(sum, 1) + region[i];
        }

        for (var i = 0; i < SectorSize; i += 4)
        {
            WriteNumber(region.Length + i, sum);
        }
    }

    /// <summary>Fails unless fsck.exfat finds nothing.</summary>
    public void AssertClean() => Tool.Run("fsck.exfat", "-n", Path);
}
