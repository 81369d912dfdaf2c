using System.Buffers.Binary;
using Tidemark.Harness.Support;

namespace Tidemark.Harness.Allocation;

/// <summary>A FAT volume in a file: made by mkfs.fat, filled by mtools, its entries read and written one by one.</summary>
internal sealed class FatImage
{
    private readonly byte[] boot = new byte[512];

    private FatImage(string path)
    {
        Path = path;
        using var file = File.OpenRead(path);
        file.ReadExactly(boot);
    }

    public string Path { get; }

    public int SectorSize => Word(11);

    public int ClusterSize => boot[13] * SectorSize;

    public int Bits => Word(22) == 0 ? 32 : Clusters <= 4084 ? 12 : 16;

    public long TableOffset => (long)Word(14) * SectorSize;

    public long TableLength => (Word(22) != 0 ? Word(22) : BinaryPrimitives.ReadUInt32LittleEndian(boot.AsSpan(36))) * (long)SectorSize;

    public int Tables => boot[16];

    public long DataOffset => TableOffset + (Tables * TableLength) + (((Word(17) * 32L) + SectorSize - 1) / SectorSize * SectorSize);

    public int Clusters
    {
        get
        {
            long sectors = Word(19) != 0 ? Word(19) : BinaryPrimitives.ReadUInt32LittleEndian(boot.AsSpan(32));
            return (int)(((sectors * SectorSize) - DataOffset) / ClusterSize);
        }
    }

    public static FatImage Make(TempFolder folder, long length, params string[] options)
    {
        Tool.Require("mkfs.fat");
        var path = folder.Sparse($"{Guid.NewGuid():N}.fat", length);
        Tool.Run("mkfs.fat", [.. options, path]);
        return new FatImage(path);
    }

    public static FatImage Of(string path) => new(path);

    /// <summary>A bit a cluster by the first table, whether it is in use.</summary>
    public IReadOnlyList<bool> Used()
    {
        using var file = File.OpenRead(Path);
        file.Position = TableOffset;
        var table = new byte[TableLength];
        file.ReadExactly(table);
        return [.. Enumerable.Range(2, Clusters).Select(cluster => ReadEntry(table, cluster) != 0)];
    }

    public uint this[int cluster]
    {
        get
        {
            using var file = File.OpenRead(Path);
            file.Position = TableOffset;
            var table = new byte[TableLength];
            file.ReadExactly(table);
            return ReadEntry(table, cluster);
        }
        set
        {
            for (var i = 0; i < Tables; i++)
            {
                Set(i, cluster, value);
            }
        }
    }

    /// <summary>Sets an entry of one table.</summary>
    public void Set(int table, int cluster, uint value)
    {
        using var file = new FileStream(Path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = TableOffset + (table * TableLength) + (cluster * Bits / 8);
        var bytes = new byte[4];
        file.ReadExactly(bytes);
        var word = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        var shift = Bits == 12 ? cluster % 2 * 4 : 0;
        var mask = (Bits == 32 ? 0x0FFF_FFFFu : (1u << Bits) - 1) << shift;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (word & ~mask) | ((value << shift) & mask));
        file.Position -= bytes.Length;
        file.Write(bytes);
    }

    public void WriteBytes(long offset, params byte[] bytes)
    {
        using var file = File.OpenWrite(Path);
        file.Position = offset;
        file.Write(bytes);
    }

    /// <summary>Puts files into the root of an empty volume, one after the other: they begin with the first free clusters.</summary>
    public void Add(TempFolder folder, params (string Name, int Length)[] files)
    {
        Tool.Require("mcopy", "mdir");
        using var root = new FatFolder(Path, 0, folder.Folder(Guid.NewGuid().ToString("N")), readOnly: false);
        foreach (var (name, length) in files)
        {
            var file = System.IO.Path.Combine(root.Folder, name);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, new byte[length]);
        }
    }

    /// <summary>Fails unless fsck.fat finds nothing.</summary>
    public void AssertClean() => Tool.Run("fsck.fat", "-n", Path);

    private uint ReadEntry(byte[] table, int cluster) => Bits switch
    {
        12 => (uint)(BinaryPrimitives.ReadUInt16LittleEndian(table.AsSpan(cluster * 3 / 2)) >> (cluster % 2 * 4)) & 0xFFF,
        16 => BinaryPrimitives.ReadUInt16LittleEndian(table.AsSpan(cluster * 2)),
        _ => BinaryPrimitives.ReadUInt32LittleEndian(table.AsSpan(cluster * 4)) & 0x0FFF_FFFF,
    };

    private int Word(int at) => BinaryPrimitives.ReadUInt16LittleEndian(boot.AsSpan(at));
}
