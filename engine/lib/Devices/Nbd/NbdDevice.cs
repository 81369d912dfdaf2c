using System.Diagnostics;
using Tidemark.Engine.Io;

namespace Tidemark.Engine.Devices.Nbd;

/// <summary>
/// An export of an NBD server as a device: a source, and where it may be written a target. One connection, with as many
/// requests in flight as its users make.
/// </summary>
internal sealed unsafe class NbdDevice : BlockDevice
{
    /// <summary>Bytes of one positional request: what keeps a connection busy without taking much memory on the other side.</summary>
    private const int PositionalBytes = 1 << 20;

    /// <summary>Bytes of one request that has no payload: far below the 32 bits of its length, and a multiple of any unit.</summary>
    private const long PlainBytes = 1L << 30;

    private readonly NbdConnection connection;
    private readonly NbdAddress address;
    private readonly NbdExtents extents;
    private readonly int unit;

    private NbdDevice(NbdConnection connection, NbdAddress address, bool write)
    {
        this.connection = connection;
        this.address = address;
        CanWrite = write;
        unit = connection.Info.MinBlock;
        extents = new NbdExtents(connection);
        var sector = Math.Max(unit, DeviceGeometry.DefaultSectorSize);
        Geometry = new DeviceGeometry(connection.Info.Length, sector, sector, 1, unit);
    }

    public override string Name => address.ToString();

    public override DeviceGeometry Geometry { get; }

    public override bool CanWrite { get; }

    /// <exception cref="TidemarkException">The server isn't there, has no such export, or doesn't let it be written.</exception>
    public static NbdDevice Open(NbdAddress address, bool write, bool isPatient = false)
    {
        var connection = NbdConnection.Open(address, isPatient);
        if (write && connection.Info.Has(NbdProtocol.NBD_FLAG_READ_ONLY))
        {
            connection.Dispose();
            throw TidemarkException.Failed($"{address} can only be read: its server serves it so. Start that with writing allowed.");
        }

        return new NbdDevice(connection, address, write);
    }

    public override void ReadAt(long offset, Span<byte> buffer)
    {
        Debug.Assert(offset >= 0 && offset + buffer.Length <= Length);
        while (!buffer.IsEmpty)
        {
            var start = offset / unit * unit;
            var now = (int)Math.Min(buffer.Length, Piece - (offset - start));
            var end = (offset + now + unit - 1) / unit * unit;
            if (start == offset && end == offset + now)
            {
                Transfer(NbdCommand.Read, "Reading", offset, buffer[..now]);
            }
            else
            {
                var bounce = new byte[end - start];
                Transfer(NbdCommand.Read, "Reading", start, bounce);
                bounce.AsSpan((int)(offset - start), now).CopyTo(buffer);
            }

            offset += now;
            buffer = buffer[now..];
        }
    }

    public override string? WhyGone(int error) => connection.Problem is { } problem
        ? $"the connection broke ({problem})"
        : error == (int)NbdError.Shutdown ? "its server is being shut down" : null;

    public override void WriteAt(long offset, ReadOnlySpan<byte> buffer)
    {
        Debug.Assert(CanWrite && offset >= 0 && offset + buffer.Length <= Length);
        extents.Forget();
        while (!buffer.IsEmpty)
        {
            var start = offset / unit * unit;
            var now = (int)Math.Min(buffer.Length, Piece - (offset - start));
            var end = (offset + now + unit - 1) / unit * unit;
            if (start == offset && end == offset + now)
            {
                Write(offset, buffer[..now]);
            }
            else
            {
                var bounce = new byte[end - start];
                Transfer(NbdCommand.Read, "Reading", start, bounce);
                buffer[..now].CopyTo(bounce.AsSpan((int)(offset - start)));
                Write(start, bounce);
            }

            offset += now;
            buffer = buffer[now..];
        }
    }

    public override void WriteZeros(long offset, long length)
    {
        Debug.Assert(CanWrite && offset >= 0 && length >= 0 && offset + length <= Length);
        extents.Forget();
        var end = offset + length;
        if (!connection.Info.Has(NbdProtocol.NBD_FLAG_SEND_WRITE_ZEROES))
        {
            WriteZeroBytes(offset, end);
            return;
        }

        var first = Math.Min((offset + unit - 1) / unit * unit, end);
        var last = Math.Max(end / unit * unit, first);
        WriteZeroBytes(offset, first);
        for (; first < last; first += PlainBytes)
        {
            Plain(NbdCommand.WriteZeroes, "Zeroing", first, Math.Min(PlainBytes, last - first));
        }

        WriteZeroBytes(last, end);
    }

    public override bool TryTrim(long offset, long length)
    {
        Debug.Assert(CanWrite && offset >= 0 && length >= 0 && offset + length <= Length);
        extents.Forget();
        if (!connection.Info.Has(NbdProtocol.NBD_FLAG_SEND_TRIM))
        {
            return false;
        }

        var end = (offset + length) / unit * unit;
        for (var first = (offset + unit - 1) / unit * unit; first < end; first += PlainBytes)
        {
            Plain(NbdCommand.Trim, "Trimming", first, Math.Min(PlainBytes, end - first));
        }

        return true;
    }

    public override void Flush()
    {
        if (CanWrite && connection.Info.Has(NbdProtocol.NBD_FLAG_SEND_FLUSH))
        {
            Plain(NbdCommand.Flush, "Flushing", 0, 0);
        }
    }

    public override DeviceExtent ExtentAt(long offset) => extents.At(offset);

    public override IoQueue OpenQueue(IoQueueOptions options)
    {
        extents.Forget();
        return new NbdIoQueue(connection, options);
    }

    protected override void Dispose(bool disposing)
    {
        connection.Dispose();
        base.Dispose(disposing);
    }

    private int Piece => Math.Min(PositionalBytes, connection.Info.MaxPayload);

    private void WriteZeroBytes(long offset, long end)
    {
        if (offset == end)
        {
            return;
        }

        var zeros = new byte[Math.Min(Piece, end - offset)];
        while (offset < end)
        {
            var now = (int)Math.Min(zeros.Length, end - offset);
            WriteAt(offset, zeros.AsSpan(0, now));
            offset += now;
        }
    }

    private void Transfer(NbdCommand command, string operation, long offset, Span<byte> target)
    {
        var transfer = new NbdTransfer();
        fixed (byte* pointer = target)
        {
            connection.Submit(transfer, command, NbdCommandFlags.None, offset, (uint)target.Length, pointer, []);
            transfer.Wait();
        }

        Require(transfer, operation, offset, target.Length);
    }

    private void Write(long offset, ReadOnlySpan<byte> payload)
    {
        var transfer = new NbdTransfer();
        connection.Submit(transfer, NbdCommand.Write, NbdCommandFlags.None, offset, (uint)payload.Length, null, payload);
        transfer.Wait();
        Require(transfer, "Writing", offset, payload.Length);
    }

    private void Plain(NbdCommand command, string operation, long offset, long length)
    {
        var transfer = new NbdTransfer();
        connection.Submit(transfer, command, NbdCommandFlags.None, offset, (uint)length, null, []);
        transfer.Wait();
        Require(transfer, operation, offset, length);
    }

    private void Require(NbdTransfer transfer, string operation, long offset, long length)
    {
        if (transfer.Error != 0)
        {
            throw new DeviceIoException(
                Name, offset, length, operation, transfer.Error,
                connection.Problem is { } problem ? $"the connection broke ({problem})" : $"the server answered with error {transfer.Error}");
        }
    }
}
