using Tidemark.Engine.Devices.Nbd;
using Tidemark.Fuzz.Inputs;

namespace Tidemark.Fuzz.Targets;

/// <summary>What a server sends to the NBD client: its handshake, and replies to a few requests.</summary>
internal static unsafe class NbdClientTarget
{
    private const int Bytes = 8192;

    internal static void Run(ReadOnlySpan<byte> input)
    {
        using var pipe = new OneWayStream(input.ToArray());
        var stream = new NbdStream(pipe);
        try
        {
            var address = new NbdAddress("host", NbdProtocol.DefaultPort, null, "name");
            var info = new NbdClientHandshake(stream, address).Run();
            var target = stackalloc byte[Bytes];
            var reading = new NbdTransfer();
            var telling = new NbdTransfer { Extents = [] };
            var flushing = new NbdTransfer();
            using var connection = NbdConnection.Over(stream, info, begin: false);
            connection.Submit(reading, NbdCommand.Read, NbdCommandFlags.None, 0, Bytes, target, []);
            connection.Submit(telling, NbdCommand.BlockStatus, NbdCommandFlags.None, 0, Bytes, null, []);
            connection.Submit(flushing, NbdCommand.Flush, NbdCommandFlags.None, 0, 0, null, []);
            connection.Begin();
            reading.Wait();
            telling.Wait();
            flushing.Wait();
        }
        catch (IOException)
        {
            // The input's end is the server's.
        }
        finally
        {
            stream.Dispose();
        }
    }
}
