using System.Buffers.Binary;
using Xunit;

namespace Tidemark.Harness.Allocation;

/// <summary>Makes the unnamed data of one of the first files need a second record, as that of a file in very many pieces does.</summary>
internal static class NtfsSplit
{
    private const uint List = 0x20;
    private const uint Data = 0x80;

    /// <param name="image">The volume.</param>
    /// <param name="number">The file; its data is one run.</param>
    /// <param name="other">A record that isn't in use.</param>
    /// <param name="vcn">The first cluster of the content that the other record describes.</param>
    public static void Apply(NtfsImage image, int number, int other, int vcn)
    {
        var record = image.Record(number);
        var at = NtfsImage.AttributeAt(record, Data);
        var data = record.AsSpan(at, BinaryPrimitives.ReadInt32LittleEndian(record.AsSpan(at + 4))).ToArray();
        var count = (int)BinaryPrimitives.ReadInt64LittleEndian(data.AsSpan(24)) + 1;
        var lcn = (int)image.FirstCluster(number);
        Assert.InRange(vcn, 1, count - 1);

        var first = Part(data, 0, vcn, lcn);
        var second = Part(data, vcn, count, lcn + vcn);
        second.AsSpan(40, 24).Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(second.AsSpan(14), 1);

        var sequence = BinaryPrimitives.ReadUInt16LittleEndian(record.AsSpan(16));
        image.Edit(other, bytes =>
        {
            // In use, continues the file, one attribute.
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(22), 1);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(32), (uint)number | ((ulong)sequence << 48));
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(40), 2);
            Fill(bytes, [second]);
        });
        var otherSequence = BinaryPrimitives.ReadUInt16LittleEndian(image.Record(other).AsSpan(16));

        var attributes = AttributesOf(record).Select(attribute => TypeOf(attribute) == Data ? first : attribute).ToList();
        var entries = attributes.Select(attribute => Entry(attribute, number, sequence)).ToList();
        entries.Insert(1 + attributes.IndexOf(first), Entry(second, other, otherSequence));
        attributes.Insert(1, ListOf(entries));
        image.Edit(number, bytes => Fill(bytes, attributes));
    }

    private static uint TypeOf(byte[] attribute) => BinaryPrimitives.ReadUInt32LittleEndian(attribute);

    private static List<byte[]> AttributesOf(byte[] record)
    {
        var attributes = new List<byte[]>();
        int at = BinaryPrimitives.ReadUInt16LittleEndian(record.AsSpan(20));
        while (BinaryPrimitives.ReadUInt32LittleEndian(record.AsSpan(at)) != uint.MaxValue)
        {
            attributes.Add(record.AsSpan(at, BinaryPrimitives.ReadInt32LittleEndian(record.AsSpan(at + 4))).ToArray());
            at += attributes[^1].Length;
        }

        return attributes;
    }

    private static void Fill(byte[] record, IEnumerable<byte[]> attributes)
    {
        int at = BinaryPrimitives.ReadUInt16LittleEndian(record.AsSpan(20));
        record.AsSpan(at).Clear();
        foreach (var attribute in attributes)
        {
            attribute.CopyTo(record.AsSpan(at));
            at += attribute.Length;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(at), uint.MaxValue);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(24), at + 8);
    }

    private static byte[] Part(byte[] data, int firstVcn, int endVcn, int lcn)
    {
        byte[] runs = [0x44, .. BitConverter.GetBytes(endVcn - firstVcn), .. BitConverter.GetBytes(lcn), 0];
        var part = new byte[(64 + runs.Length + 7) / 8 * 8];
        data.AsSpan(0, 64).CopyTo(part);
        BinaryPrimitives.WriteInt32LittleEndian(part.AsSpan(4), part.Length);
        BinaryPrimitives.WriteInt64LittleEndian(part.AsSpan(16), firstVcn);
        BinaryPrimitives.WriteInt64LittleEndian(part.AsSpan(24), endVcn - 1);
        BinaryPrimitives.WriteUInt16LittleEndian(part.AsSpan(32), 64);
        runs.CopyTo(part, 64);
        return part;
    }

    private static byte[] Entry(byte[] attribute, int number, ushort sequence)
    {
        var name = attribute.AsSpan(BinaryPrimitives.ReadUInt16LittleEndian(attribute.AsSpan(10)), attribute[9] * 2);
        var entry = new byte[(26 + name.Length + 7) / 8 * 8];
        attribute.AsSpan(0, 4).CopyTo(entry);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(4), (ushort)entry.Length);
        entry[6] = attribute[9];
        entry[7] = 26;
        if (attribute[8] != 0)
        {
            attribute.AsSpan(16, 8).CopyTo(entry.AsSpan(8));
        }

        BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(16), (uint)number | ((ulong)sequence << 48));
        attribute.AsSpan(14, 2).CopyTo(entry.AsSpan(24));
        name.CopyTo(entry.AsSpan(26));
        return entry;
    }

    private static byte[] ListOf(List<byte[]> entries)
    {
        byte[] value = [.. entries.SelectMany(entry => entry)];
        var list = new byte[(24 + value.Length + 7) / 8 * 8];
        BinaryPrimitives.WriteUInt32LittleEndian(list, List);
        BinaryPrimitives.WriteInt32LittleEndian(list.AsSpan(4), list.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(list.AsSpan(10), 24);
        BinaryPrimitives.WriteUInt16LittleEndian(list.AsSpan(14), 0x40);
        BinaryPrimitives.WriteInt32LittleEndian(list.AsSpan(16), value.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(list.AsSpan(20), 24);
        value.CopyTo(list, 24);
        return list;
    }
}
