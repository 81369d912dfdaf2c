using System.Buffers.Binary;
using Tidemark.Engine.Devices.Nbd;

namespace Tidemark.Fuzz.Seeds;

/// <summary>Seeds of the NBD protocol: one side of a whole conversation each, from the greeting to the last request.</summary>
internal static class NbdSeeds
{
    public static IEnumerable<(string Target, string Name, byte[] Bytes)> All()
    {
        yield return ("nbd-server", "structured", Client(structured: true));
        yield return ("nbd-server", "simple", Client(structured: false));
        yield return ("nbd-client", "structured", Server(structured: true));
        yield return ("nbd-client", "simple", Server(structured: false));
    }

    private static byte[] Client(bool structured)
    {
        var bytes = new List<byte>();
        U32(bytes, NbdProtocol.NBD_FLAG_FIXED_NEWSTYLE | NbdProtocol.NBD_FLAG_NO_ZEROES);
        Option(bytes, NbdOption.List, []);
        if (structured)
        {
            Option(bytes, NbdOption.StructuredReply, []);
            Option(bytes, NbdOption.SetMetaContext, [.. Text("name"), 0, 0, 0, 1, .. Text(NbdProtocol.BaseAllocation)]);
        }

        Option(bytes, NbdOption.Go, [.. Text("name"), 0, 2, 0, 3, 0, 2]);
        Request(bytes, NbdCommand.Read, 1, 4096, 8192);
        Request(bytes, NbdCommand.BlockStatus, 2, 0, 65536);
        Request(bytes, NbdCommand.Write, 3, 512, 16);
        bytes.AddRange(new byte[16]);
        Request(bytes, NbdCommand.WriteZeroes, 4, 0, 4096);
        Request(bytes, NbdCommand.Trim, 5, 4096, 4096);
        Request(bytes, NbdCommand.Cache, 6, 0, 4096);
        Request(bytes, NbdCommand.Flush, 7, 0, 0);
        Request(bytes, NbdCommand.Disconnect, 8, 0, 0);
        return [.. bytes];
    }

    private static byte[] Server(bool structured)
    {
        var bytes = new List<byte>();
        U64(bytes, NbdProtocol.NBDMAGIC);
        U64(bytes, NbdProtocol.IHAVEOPT);
        U16(bytes, NbdProtocol.NBD_FLAG_FIXED_NEWSTYLE | NbdProtocol.NBD_FLAG_NO_ZEROES);
        Reply(bytes, NbdOption.StructuredReply, structured ? NbdOptionReply.Ack : NbdOptionReply.ErrUnsup, []);
        if (structured)
        {
            Reply(bytes, NbdOption.SetMetaContext, NbdOptionReply.MetaContext, [0, 0, 0, 9, .. Text(NbdProtocol.BaseAllocation)[4..]]);
            Reply(bytes, NbdOption.SetMetaContext, NbdOptionReply.Ack, []);
        }

        Reply(bytes, NbdOption.Go, NbdOptionReply.Info, [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 5]);
        Reply(bytes, NbdOption.Go, NbdOptionReply.Info, [0, 3, 0, 0, 0, 1, 0, 0, 16, 0, 2, 0, 0, 0]);
        Reply(bytes, NbdOption.Go, NbdOptionReply.Ack, []);
        if (structured)
        {
            Chunk(bytes, NbdChunk.OffsetData, 1, last: false, [.. new byte[8], .. new byte[4096]]);
            Chunk(bytes, NbdChunk.OffsetHole, 1, last: true, [0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 16, 0]);
            Chunk(bytes, NbdChunk.BlockStatus, 2, last: true, [0, 0, 0, 9, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 0, 3]);
            Chunk(bytes, NbdChunk.Error, 3, last: true, [0, 0, 0, 5, 0, 0]);
            return [.. bytes];
        }

        Simple(bytes, 1, 0);
        bytes.AddRange(new byte[8192]);
        Simple(bytes, 2, 22);
        Simple(bytes, 3, 0);
        return [.. bytes];
    }

    private static void Option(List<byte> bytes, NbdOption option, byte[] data)
    {
        U64(bytes, NbdProtocol.IHAVEOPT);
        U32(bytes, (uint)option);
        U32(bytes, (uint)data.Length);
        bytes.AddRange(data);
    }

    private static void Request(List<byte> bytes, NbdCommand command, ulong cookie, ulong offset, uint length)
    {
        var request = new byte[NbdProtocol.RequestSize];
        new NbdRequest(NbdCommandFlags.None, command, cookie, offset, length).Write(request);
        bytes.AddRange(request);
    }

    private static void Reply(List<byte> bytes, NbdOption option, NbdOptionReply kind, byte[] data)
    {
        U64(bytes, NbdProtocol.NBD_REP_MAGIC);
        U32(bytes, (uint)option);
        U32(bytes, (uint)kind);
        U32(bytes, (uint)data.Length);
        bytes.AddRange(data);
    }

    private static void Simple(List<byte> bytes, ulong cookie, uint error)
    {
        U32(bytes, NbdProtocol.NBD_SIMPLE_REPLY_MAGIC);
        U32(bytes, error);
        U64(bytes, cookie);
    }

    private static void Chunk(List<byte> bytes, NbdChunk type, ulong cookie, bool last, byte[] data)
    {
        U32(bytes, NbdProtocol.NBD_STRUCTURED_REPLY_MAGIC);
        U16(bytes, last ? NbdProtocol.NBD_REPLY_FLAG_DONE : (ushort)0);
        U16(bytes, (ushort)type);
        U64(bytes, cookie);
        U32(bytes, (uint)data.Length);
        bytes.AddRange(data);
    }

    private static byte[] Text(string text)
    {
        var bytes = new List<byte>();
        U32(bytes, (uint)text.Length);
        bytes.AddRange(System.Text.Encoding.ASCII.GetBytes(text));
        return [.. bytes];
    }

    private static void U16(List<byte> bytes, ushort value)
    {
        Span<byte> two = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(two, value);
        bytes.AddRange(two);
    }

    private static void U32(List<byte> bytes, uint value)
    {
        Span<byte> four = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(four, value);
        bytes.AddRange(four);
    }

    private static void U64(List<byte> bytes, ulong value)
    {
        Span<byte> eight = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(eight, value);
        bytes.AddRange(eight);
    }
}
