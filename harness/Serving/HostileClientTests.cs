using System.Net.Sockets;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.Nbd;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Serving;

/// <summary>Clients and servers that don't keep to the protocol: the other side lives on, and so do others.</summary>
[DiffersBySystem]
public class HostileClientTests
{
    private const int DeviceLength = 1 << 20;

    // What libnbd sends up to a first read: flags, GO without a name or information, a read of 512 bytes.
    private static readonly byte[] Conversation = Convert.FromHexString(
        "00000003" + "49484156454f5054" + "00000007" + "00000006" + "000000000000"
        + "25609513" + "0000" + "0000" + "0000000000000001" + "0000000000000000" + "00000200"
        + "25609513" + "0000" + "0001" + "0000000000000002" + "0000000000000000" + "00000010" + "00112233445566778899aabbccddeeff"
        + "25609513" + "0000" + "0006" + "0000000000000003" + "0000000000001000" + "00001000");

    [Fact]
    public void Conversations_of_other_bytes_end_and_the_server_goes_on()
    {
        var random = Seed.Random();
        using var place = new NbdPlace(new MemoryDevice(DeviceLength));
        for (var round = 0; round < 200; round++)
        {
            var bytes = Conversation.ToArray();
            for (var change = random.Next(1, 6); change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = random.Next(3) switch { 0 => 0xFF, 1 => 0, _ => (byte)random.Next(256) };
            }

            using var client = new TcpClient(place.Address.Host!, place.Address.Port);
            using var stream = client.GetStream();
            try
            {
                stream.Write(bytes.AsSpan(0, random.Next(4) == 0 ? random.Next(bytes.Length) : bytes.Length));
                client.Client.Shutdown(SocketShutdown.Send);
                stream.ReadTimeout = (int)Patience.Limit.TotalMilliseconds;
                var answer = new byte[65536];
                while (stream.Read(answer) > 0)
                {
                }
            }
            catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: not SocketError.TimedOut })
            {
                // The server ended it first.
            }
        }

        AssertServes(place);
    }

    [Fact]
    public void A_client_that_takes_no_replies_holds_up_nobody_else()
    {
        using var place = new NbdPlace(MemoryDevice.Random(DeviceLength, 3));
        using var silent = new TcpClient(place.Address.Host!, place.Address.Port);
        var stream = silent.GetStream();
        stream.Write(Conversation.AsSpan(0, 26));
        var read = new byte[NbdProtocol.RequestSize];
        for (ulong i = 0; i < 400; i++)
        {
            new NbdRequest(NbdCommandFlags.None, NbdCommand.Read, i, 0, DeviceLength).Write(read);
            stream.Write(read);
        }

        AssertServes(place);
    }

    [Fact]
    public void A_client_beyond_the_most_is_turned_away_and_lets_others_be()
    {
        using var place = new NbdPlace(new MemoryDevice(DeviceLength));
        var clients = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 200; i++)
            {
                clients.Add(new TcpClient(place.Address.Host!, place.Address.Port));
            }
        }
        finally
        {
            clients.ForEach(c => c.Dispose());
        }

        AssertServes(place);
    }

    [Fact]
    public async Task Servers_that_say_other_things_are_an_error_and_no_more()
    {
        var random = Seed.Random();
        var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var address = new NbdAddress("127.0.0.1", ((System.Net.IPEndPoint)listener.LocalEndpoint).Port, null, "");
        for (var round = 0; round < 40; round++)
        {
            var accepting = listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken).AsTask();
            var opening = Task.Run(
                () => Assert.Throws<Tidemark.Engine.TidemarkException>(() => NbdDevice.Open(address, write: false).Dispose()),
                TestContext.Current.CancellationToken);
            using (var client = await accepting)
            {
                var bytes = new byte[random.Next(0, 200)];
                random.NextBytes(bytes);
                if (random.Next(2) == 0 && bytes.Length >= 18)
                {
                    Convert.FromHexString("4e42444d4147494349484156454f50540003").CopyTo(bytes, 0);
                }

                await client.GetStream().WriteAsync(bytes, TestContext.Current.CancellationToken);
            }

            await opening.WaitAsync(Patience.Limit, TestContext.Current.CancellationToken);
        }

        listener.Stop();
    }

    private static void AssertServes(NbdPlace place)
    {
        // Those that were turned away may still be going.
        for (var tries = 0; ; tries++)
        {
            try
            {
                using var device = place.Open();
                Assert.Equal(DeviceLength, device.Length);
                device.WriteAt(1000, [1, 2, 3]);
                var back = new byte[3];
                device.ReadAt(1000, back);
                Assert.Equal([1, 2, 3], back);
                return;
            }
            catch (Tidemark.Engine.TidemarkException) when (tries < 100)
            {
                Thread.Sleep(50);
            }
        }
    }
}
