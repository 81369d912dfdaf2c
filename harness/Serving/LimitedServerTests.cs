using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Tidemark.Harness.Support;
using Xunit;
using static Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Serving;

/// <summary>A server that may have no more threads or descriptors: one client too many is refused, and the others are served.</summary>
[Case("3.19")]
public sealed class LimitedServerTests : IDisposable
{
    /// <summary>Nobody: its threads are counted for themselves, and root's aren't bounded.</summary>
    private const string User = "65534";

    private const int Clients = 24;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TempFolder folder = new("limited");

    public LimitedServerTests()
    {
        OnlyOn.Linux();
        Root.Require();
        Tool.Require("setpriv", "prlimit", "chown", "nbdinfo");
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("nproc")]
    [InlineData("nofile")]
    public void One_client_too_many_is_refused_and_the_server_lives(string limit)
    {
        var chain = Backup(Noise(folder, "source", 100_000), folder.At("store")).Text("chain");
        Tool.Run("chown", "-R", $"{User}:{User}", folder);
        using var server = Start(chain);
        try
        {
            Crowd(server, limit);
        }
        finally
        {
            if (!server.HasExited)
            {
                server.Kill();
                server.WaitForExit();
            }
        }
    }

    private static void Crowd(Process server, string limit)
    {
        var id = server.Id.ToString(CultureInfo.InvariantCulture);
        var ready = server.StandardOutput.ReadLine();
        Assert.NotNull(ready);
        var socket = JsonElement.Parse(ready).Text("uri").Split("socket=")[1];

        // What a first client makes the runtime load is loaded before.
        Tool.Run("nbdinfo", "--size", $"nbd+unix:///?socket={socket}");

        // Five more than it has.
        var most = limit == "nproc" ? Directory.GetDirectories($"/proc/{id}/task").Length + 5 : FifthFree(id);
        Tool.Run("setpriv", "--reuid", User, "--regid", User, "--clear-groups", Tool.Find("prlimit")!, "--pid", id, $"--{limit}={most}:{most}");
        var clients = new List<Socket>();
        try
        {
            var greeted = 0;
            var refused = 0;
            for (var i = 0; i < Clients; i++)
            {
                var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = (int)Patience.TotalMilliseconds };
                clients.Add(client);
                client.Connect(new UnixDomainSocketEndPoint(socket));
                _ = Greeting(client) > 0 ? greeted++ : refused++;
            }

            Assert.False(server.HasExited);
            Assert.True(greeted > 0 && refused > 0, $"{greeted} greeted, {refused} refused");
        }
        finally
        {
            clients.ForEach(c => c.Dispose());
        }

        // Those that went make room, as soon as the server has seen that they are gone.
        var clock = Stopwatch.StartNew();
        while (Tool.Try("nbdinfo", "--size", $"nbd+unix:///?socket={socket}") is { ExitCode: not 0 } failed)
        {
            Assert.True(!server.HasExited && clock.Elapsed < Patience, failed.Error);
            Thread.Sleep(50);
        }

        Tool.Run("kill", "-TERM", id);
        Assert.True(server.WaitForExit(Patience));
        Assert.Equal(0, server.ExitCode);
    }

    // A limit is a bound on their numbers, and the lowest free one is taken.
    private static int FifthFree(string id)
    {
        var taken = Directory.GetFileSystemEntries($"/proc/{id}/fd").Select(f => int.Parse(Path.GetFileName(f), CultureInfo.InvariantCulture)).ToHashSet();
        return Enumerable.Range(0, int.MaxValue).Where(n => !taken.Contains(n)).ElementAt(4) + 1;
    }

    private Process Start(string chain)
    {
        var (program, leading) = TidemarkCli.Command;
        var start = new ProcessStartInfo(
            Tool.Find("setpriv")!,
            [
                "--reuid", User, "--regid", User, "--clear-groups", program, .. leading, "serve", chain, "--unix", folder.At("socket"), "--json",
            ])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["HOME"] = folder;
        start.Environment["TMPDIR"] = folder;
        return Process.Start(start)!;
    }

    // What a server says first is 18 bytes; a refused client gets none.
    private static int Greeting(Socket client)
    {
        try
        {
            return client.Receive(new byte[18]);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            return 0;
        }
    }
}
