using System.Diagnostics.Tracing;
using BenchmarkDotNet.Attributes;
using Microsoft.Diagnostics.NETCore.Client;
using Tidemark.Engine.Tracing;

namespace Tidemark.Bench.Tracing;

/// <summary>
/// What tracing costs where a pipeline calls it: for one transfer of a scan, which is submitted, waited for, reaped,
/// hashed and compared. Nobody listening is the usual case and should cost nothing; a recorder gets five events.
/// </summary>
[MemoryDiagnoser]
public class TracingBenchmarks
{
    /// <summary>Transfers of one call: enough that the call itself doesn't count.</summary>
    private const int Transfers = 1000;

    private EventPipeSession? session;
    private Thread? reader;

    /// <summary>The same session that the option "trace" opens, its stream thrown away.</summary>
    [GlobalSetup(Target = nameof(Recorded))]
    public void Record()
    {
        var provider = new EventPipeProvider(EngineTracing.ProviderName, EventLevel.Verbose, (long)EventKeywords.All);
        session = new DiagnosticsClient(Environment.ProcessId).StartEventPipeSession(
            new EventPipeSessionConfiguration([provider], circularBufferSizeMB: 16, requestRundown: false, requestStackwalk: false));
        reader = new Thread(() => session.EventStream.CopyTo(Stream.Null)) { IsBackground = true };
        reader.Start();
        SpinWait.SpinUntil(() => Tracer.On, TimeSpan.FromSeconds(10));
    }

    [GlobalCleanup(Target = nameof(Recorded))]
    public void Stop()
    {
        session!.Stop();
        reader!.Join();
        session.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Transfers)]
    public void Unheard() => Scan();

    [Benchmark(OperationsPerInvoke = Transfers)]
    public void Recorded() => Scan();

    private static void Scan()
    {
        for (var i = 0; i < Transfers; i++)
        {
            if (Tracer.On)
            {
                Tracer.Log.ReadSubmitted(i & 15, (long)i << 20, 1 << 20, 16);
            }

            var waiting = Tracer.Begin();
            Tracer.WaitedForInput(waiting);
            if (Tracer.On)
            {
                Tracer.Log.ReadReaped(i & 15, (long)i << 20, 1 << 20, 0, 15);
            }

            var hashing = Tracer.Begin();
            if (hashing != 0)
            {
                Tracer.Log.BlocksHashed(i * 256L, 256, Tracer.Since(hashing));
            }

            var comparing = Tracer.Begin();
            if (comparing != 0)
            {
                Tracer.Log.BlocksCompared(i * 256L, 256, 0, Tracer.Since(comparing));
            }
        }
    }
}
