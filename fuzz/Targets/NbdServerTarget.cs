using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.Nbd;
using Tidemark.Engine.Serving;
using Tidemark.Fuzz.Inputs;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Targets;

/// <summary>What a client sends to the NBD server: its handshake and requests.</summary>
internal static class NbdServerTarget
{
    private const int DeviceBytes = 64 << 10;

    internal static void Run(ReadOnlySpan<byte> input)
    {
        using var pipe = new OneWayStream(input.ToArray());
        using var stream = new NbdStream(pipe);
        using var device = new MemoryDevice(DeviceBytes);
        var counters = new NbdCounters(_ => { });
        var export = new NbdExport
        {
            Name = "name",
            Description = "a device",
            Device = device,
            Contexts = [new AllocationContext(device)],
            PreferredBlock = 4096,
        };
        try
        {
            var negotiation = new NbdNegotiation(stream, export, null);
            if (negotiation.Run())
            {
                new NbdSession(stream, export, negotiation.Structured, negotiation.Contexts, counters, maxThreads: 1).Run();
            }
        }
        catch (IOException)
        {
            // The input's end is the client's.
        }

        FindException.Unless(device.Length == DeviceBytes, "The device has another size.");
    }
}
