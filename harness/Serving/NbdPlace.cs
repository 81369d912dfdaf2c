using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.Nbd;
using Tidemark.Engine.Format;
using Tidemark.Engine.Serving;

namespace Tidemark.Harness.Serving;

/// <summary>The server over any device, within this process, at a port of its own.</summary>
internal sealed class NbdPlace : IDisposable
{
    private readonly CancellationTokenSource end = new();
    private readonly NbdListener listener;
    private readonly NbdServer server;
    private readonly Thread thread;
    private readonly BlockDevice device;

    /// <param name="device">What is served; it is disposed with this.</param>
    public NbdPlace(BlockDevice device)
    {
        this.device = device;
        var export = new NbdExport
        {
            Name = "",
            Description = "a device of a test",
            Device = device,
            Contexts = [new AllocationContext(device)],
            PreferredBlock = ImageFormat.MinBlockSize,
        };
        listener = NbdListener.Open("127.0.0.1:0", null, "");
        server = new NbdServer(listener.Socket, export, null, new NbdCounters(_ => { }), exitWhenIdle: false);
        thread = new Thread(() => server.Run(end.Token));
        thread.Start();
    }

    public NbdAddress Address => listener.Address;

    public NbdDevice Open(bool write = true) => NbdDevice.Open(Address, write);

    public void Dispose()
    {
        end.Cancel();
        thread.Join();
        server.Dispose();
        listener.Dispose();
        end.Dispose();
        device.Dispose();
    }
}
