using System.Globalization;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using static Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Serving;

/// <summary>
/// Random requests by libnbd, which in its loosest mode sends what no client should: beyond the end, of no length, with flags
/// that nobody knows. What is in order must be answered as a file would, and what isn't with an error, on a connection that
/// lives on.
/// </summary>
public sealed class RandomRequestTests : IDisposable
{
    private const int Length = (6 << 20) + 512;

    private const string Python = "/usr/bin/python3";

    /// <summary>Reads, writes and asks at random, compares with a file, and writes what it wrote into that.</summary>
    private const string Script = """
        import random
        import nbd
        h = nbd.NBD()
        uri, path, seed, writable, structured, rounds = PARAMETERS
        rng = random.Random(seed)
        h.set_strict_mode(0)
        h.set_request_structured_replies(structured)
        h.add_meta_context("base:allocation")
        h.connect_uri(uri)
        model = bytearray(open(path, "rb").read())
        size = h.get_size()
        assert size == len(model), size
        assert h.is_read_only() == (not writable)
        assert h.get_structured_replies_negotiated() == structured
        counts = {}

        def refused(kind, call):
            counts[kind] = counts.get(kind, 0) + 1
            try:
                call()
            except nbd.Error as e:
                assert e.errno in ("EINVAL", "ENOSPC", "EPERM", "EOVERFLOW", "ENOTSUP", "ERANGE", "ENOMEM"), (kind, e.errno, e.string)
                return
            raise AssertionError("not refused: " + kind)

        def place(most=300000):
            offset = rng.choice([rng.randrange(size), rng.randrange(size // 4096) * 4096, 0, size - rng.randrange(1, 5000)])
            return offset, min(size - offset, rng.choice([1, 512, 4096, rng.randrange(1, most)]))

        def extents(context, offset, entries, error):
            for i in range(0, len(entries), 2):
                length, flags = entries[i], entries[i + 1]
                assert length > 0 and flags in (0, 1, 2, 3), (length, flags)
                if flags & 2:
                    end = min(size, offset + length)
                    assert not any(model[offset:end]), ("zeros", offset, length)
                offset += length

        for round in range(rounds):
            offset, count = place()
            what = rng.randrange(10)
            if what <= 2:
                assert h.pread(count, offset) == model[offset:offset + count], ("read", offset, count)
            elif what == 3:
                waiting = []
                for i in range(rng.randrange(2, 40)):
                    at, n = place(60000)
                    buffer = nbd.Buffer(n)
                    waiting.append((h.aio_pread(buffer, at), buffer, at, n))
                rng.shuffle(waiting)
                for cookie, buffer, at, n in waiting:
                    while not h.aio_command_completed(cookie):
                        h.poll(-1)
                    assert buffer.to_bytearray() == model[at:at + n], ("reads at once", at, n)
            elif what == 4 and structured:
                h.block_status(count, offset, extents)
            elif what == 5:
                kind = rng.randrange(4)
                beyond = rng.choice([size, size - count + 1, size + rng.randrange(1 << 20), 1 << 62])
                if kind == 0:
                    refused("read beyond the end", lambda: h.pread(count, beyond))
                elif kind == 1:
                    refused("write beyond the end", lambda: h.pwrite(bytes(count), beyond))
                elif kind == 2 and structured:
                    refused("status beyond the end", lambda: h.block_status(count, beyond, extents))
                else:
                    refused("zeros beyond the end", lambda: h.zero(count, beyond))
            elif what == 6:
                refused("read of too much", lambda: h.pread(33 << 20, 0))
                refused("a flag of no meaning", lambda: h.pread(count, offset, 1 << 9))
            elif not writable:
                refused("write", lambda: h.pwrite(bytes(count), offset))
                refused("trim", lambda: h.trim(count, offset))
            elif what == 7:
                data = rng.randbytes(count)
                h.pwrite(data, offset, rng.choice([0, nbd.CMD_FLAG_FUA]))
                model[offset:offset + count] = data
            elif what == 8:
                h.zero(count, offset, rng.choice([0, nbd.CMD_FLAG_NO_HOLE]))
                model[offset:offset + count] = bytes(count)
            else:
                h.trim(count, offset)
                assert h.pread(count, offset) == bytes(count)
                model[offset:offset + count] = bytes(count)
                h.flush()
        assert h.aio_is_ready()
        at = 0
        while at < size:
            n = min(1 << 20, size - at)
            assert h.pread(n, at) == model[at:at + n], ("the whole at the end", at)
            at += n
        h.shutdown()
        print(counts)
        """;

    private readonly TempFolder folder = new("requests");
    private readonly string source;
    private readonly string chain;

    public RandomRequestTests()
    {
        OnlyOn.Linux();
        // The system's own, for which the package's library is: another may come first on the path.
        Tool.Require(Python);
        Assert.SkipUnless(Tool.Try(Python, "-c", "import nbd").ExitCode == 0, "Needs libnbd for Python (package python3-libnbd).");
        source = Noise(folder, "source", Length);
        using (var file = new FileStream(source, FileMode.Open, FileAccess.Write))
        {
            file.Position = 2 << 20;
            file.Write(new byte[(1 << 20) + 700]);
        }

        chain = Backup(source, folder.At("store")).Text("chain");
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public void Requests_are_answered_as_by_a_file_and_refused_without_harm(bool writable, bool structured)
    {
        var seed = Seed.Random().Next();
        string[] more = writable ? ["--writable"] : [];
        using var served = ServeProcess.StartUnix(folder, chain, more);
        const int Rounds = 400;
        var parameters = string.Create(
            CultureInfo.InvariantCulture,
            $"('{served.Uri}', '{source}', {seed}, {(writable ? "True" : "False")}, {(structured ? "True" : "False")}, {Rounds})");
        Tool.Start(Python, ["-"], Patience.Limit, Script.Replace("PARAMETERS", parameters, StringComparison.Ordinal)).Succeeded();
        Assert.Equal(1, served.Terminate()[^1].Number("connections"));
    }
}
