using System.Buffers.Binary;
using System.Net.Sockets;
using Tidemark.Engine;
using Tidemark.Engine.Devices.Nbd;
using Tidemark.Engine.Io;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Serving;

/// <summary>
/// A connection that breaks at any step, under the queue of a scan: each transfer ends once. The server is a thread at the
/// other end of a pair of sockets that answers some requests and then breaks off.
/// </summary>
[Case("4.15")]
public sealed class BrokenConnectionTests : IDisposable
{
    private const int Piece = 4096;
    private const int Rounds = 1500;

    private readonly TempFolder folder = new("broken");
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public BrokenConnectionTests()
    {
        OnlyOn.Linux();
        listener.Bind(new UnixDomainSocketEndPoint(folder.At("s")));
        listener.Listen(16);
    }

    public void Dispose()
    {
        listener.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void A_broken_connection_ends_each_transfer_once()
    {
        var random = Seed.Random();
        for (var round = 0; round < FaultRun.Rounds(Rounds); round++)
        {
            Break((Step)random.Next(6), random.Next(12), random.Next(), (NbdCommand)(round % 2));
        }
    }

    /// <summary>Where the server breaks off.</summary>
    private enum Step
    {
        Unread,
        BeforeReply,
        WithinReply,
        WithinData,
        AfterReply,
        Nonsense,
    }

    private void Break(Step step, int replies, int seed, NbdCommand command)
    {
        var random = new Random(seed);

        // With one transfer the next one is sent just as the receiver meets the end.
        var depth = 1 << random.Next(5);
        var (mine, its) = Pair();
        var server = new Thread(() => Serve(its, step, replies, new Random(seed)));
        server.Start();
        var info = new NbdServerInfo(1 << 20, Flags: 0, MinBlock: 1, MaxPayload: random.Next(2) == 0 ? Piece : Piece / 4, Structured: false, Allocation: null);

        // A stream that can't be shut down is broken sooner: the receiver goes straight from its end to the transfers.
        using var direct = new NetworkStream(mine, ownsSocket: true);
        using (var connection = NbdConnection.Over(random.Next(2) == 0 ? new NbdStream(mine) : new NbdStream(direct), info, begin: true))
        {
            using var queue = new NbdIoQueue(connection, new IoQueueOptions(depth, Piece));
            var busy = new bool[depth];
            var completions = new IoCompletion[depth];
            var (failed, submitted, ended) = (0, 0, 0);
            while (failed < 2 * depth)
            {
                for (var slot = 0; slot < depth; slot++)
                {
                    if (!busy[slot])
                    {
                        busy[slot] = true;
                        submitted++;
                        if (command == NbdCommand.Read)
                        {
                            queue.SubmitRead(slot, random.Next(255) * Piece, Piece);
                        }
                        else
                        {
                            queue.SubmitWrite(slot, random.Next(255) * Piece, Piece);
                        }
                    }
                }

                var taken = queue.Reap(completions, wait: true);
                Assert.InRange(taken, 1, depth);
                for (var i = 0; i < taken; i++)
                {
                    Assert.True(busy[completions[i].Slot], $"slot {completions[i].Slot} ended twice ({step}, seed {seed})");
                    busy[completions[i].Slot] = false;
                    ended++;
                    failed += completions[i].Error == 0 ? 0 : 1;
                }

                Assert.Equal(submitted - ended, queue.InFlight);
            }

            Assert.NotNull(connection.Problem);
        }

        server.Join();
    }

    private (Socket Mine, Socket Its) Pair()
    {
        var mine = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        mine.Connect(listener.LocalEndPoint!);
        return (mine, listener.Accept());
    }

    private static void Serve(Socket socket, Step step, int replies, Random random)
    {
        using var stream = new NetworkStream(socket, ownsSocket: true);
        var request = new byte[NbdProtocol.RequestSize];
        var payload = new byte[Piece];
        try
        {
            for (var i = 0; i < replies || step != Step.Unread; i++)
            {
                stream.ReadExactly(request);
                NbdRequest.TryRead(request, out var its);
                if (its.Command == NbdCommand.Write)
                {
                    stream.ReadExactly(payload, 0, (int)its.Length);
                }

                var reply = new byte[NbdProtocol.SimpleReplySize + (its.Command == NbdCommand.Read ? (int)its.Length : 0)];
                BinaryPrimitives.WriteUInt32BigEndian(reply, NbdProtocol.NBD_SIMPLE_REPLY_MAGIC);
                BinaryPrimitives.WriteUInt64BigEndian(reply.AsSpan(8), its.Cookie);
                if (i < replies)
                {
                    stream.Write(reply);
                    continue;
                }

                stream.Write(step switch
                {
                    Step.WithinReply => reply.AsSpan(0, random.Next(1, NbdProtocol.SimpleReplySize)),
                    Step.WithinData => reply.AsSpan(0, random.Next(NbdProtocol.SimpleReplySize, reply.Length)),
                    Step.AfterReply => reply,
                    Step.Nonsense => payload.AsSpan(0, 64),
                    _ => [],
                });
                return;
            }
        }
        catch (IOException)
        {
            // The client was the first to go.
        }
    }
}
