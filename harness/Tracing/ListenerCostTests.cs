using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;
using Tidemark.Engine.Tracing;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Tracing;

/// <summary>What the pipelines' calls take from the heap, with and without somebody who listens.</summary>
[DiffersBySystem]
[Collection(ListeningTests.Name)]
public sealed class ListenerCostTests
{
    private const int Calls = 10_000;

    [Fact]
    public void Without_a_listener_nothing_is_worked_out()
    {
        Assert.False(Tracer.On);
        Assert.Equal(0, Tracer.Begin());
        CallAll();
        Assert.Equal(0, HeapUse.Least(CallAll));
    }

    [Fact]
    public void Events_for_a_recorder_outside_the_process_take_nothing_from_the_heap()
    {
        var client = new DiagnosticsClient(Environment.ProcessId);
        var provider = new EventPipeProvider(EngineTracing.ProviderName, EventLevel.Verbose, (long)EventKeywords.All);
        using var session = client.StartEventPipeSession(
            new EventPipeSessionConfiguration([provider], 16, requestRundown: false, requestStackwalk: false));
        long read = 0;
        var reader = new Thread(() =>
        {
            var buffer = new byte[1 << 16];
            while (session.EventStream.Read(buffer) is > 0 and var count)
            {
                read += count;
            }
        });
        reader.Start();
        Assert.True(SpinWait.SpinUntil(() => Tracer.On, Patience.Limit), "the session doesn't reach the provider");
        CallAll();
        Assert.Equal(0, HeapUse.Least(CallAll));
        session.Stop();
        reader.Join();

        // Six runs of five events a call; a payload alone has more than eight bytes.
        Assert.True(read > 6 * 5 * Calls * 8L, $"only {read} bytes of events came");
    }

    private static void CallAll()
    {
        for (var i = 0; i < Calls; i++)
        {
            var began = Tracer.Begin();
            Tracer.WaitedForInput(began);
            Tracer.WaitedForOutput(began);
            if (Tracer.On)
            {
                Tracer.Log.ReadSubmitted(i, i, i, i);
                Tracer.Log.ReadReaped(i, i, i, 0, i);
                Tracer.Log.FramePacked(i, i, i, 1, Tracer.Since(began));
            }
        }
    }
}
