using Tidemark.Engine.Chains;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Images;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Serving;

namespace Tidemark.Engine.Operations.Servers;

/// <summary>
/// An image, or a partition of one, that this process serves to programs it starts itself, on private sockets. Programs
/// may write; what they write is thrown away.
/// </summary>
internal sealed class ServedImage : IDisposable
{
    private readonly Chain chain;
    private readonly ImageReader image;
    private readonly PointDevice whole;

    private ServedImage(ImageAddress address, KeyOptions key, Action<string> warn)
    {
        Location = address.Location;
        chain = address.OpenChain(key);
        try
        {
            image = address.Find(chain, warn);
            var lineage = chain.Lineage(image);
            var view = address.View(lineage, chain.Hasher(image));
            whole = new PointDevice(lineage, chain.Hasher(image));
            Device = address.Partition is null ? whole : new DevicePart(whole, view.Offset, view.Length);
        }
        catch
        {
            whole?.Dispose();
            chain.Dispose();
            throw;
        }
    }

    /// <summary>Where the chain is.</summary>
    public StoreLocation Location { get; }

    /// <summary>The chain's folder.</summary>
    public string Chain => chain.Folder.Name;

    public long Sequence => image.Header.Sequence;

    /// <summary>What is served, as it was.</summary>
    public BlockDevice Device { get; }

    /// <param name="warn">Told where it isn't certain that this is the newest image.</param>
    /// <exception cref="TidemarkException">The image can't be opened.</exception>
    public static ServedImage Open(ImageAddress image, KeyOptions key, Action<string> warn) => new(image, key, warn);

    /// <summary>Serves on a Unix socket, with an overlay of its own, until what this returns is disposed.</summary>
    public IDisposable Start(string socket) => new PrivateServer(this, socket);

    public void Dispose()
    {
        whole.Dispose();
        chain.Dispose();
    }

    private sealed class PrivateServer : IDisposable
    {
        private readonly OverlayDevice overlay;
        private readonly NbdListener listener;
        private readonly CancellationTokenSource end = new();
        private readonly NbdServer server;
        private readonly Thread thread;

        public PrivateServer(ServedImage served, string socket)
        {
            overlay = OverlayDevice.OpenTemporary(served.Device);
            try
            {
                listener = NbdListener.Open(null, socket, "");
                var export = new NbdExport
                {
                    Name = "",
                    Description = served.Chain,
                    Device = overlay,
                    Contexts = [new AllocationContext(overlay)],
                    PreferredBlock = Math.Max(served.image.Header.BlockSize, ImageFormat.MinBlockSize),
                };
                // Whoever reads a damaged block gets an error, and tells of it with the file's name.
                server = new NbdServer(listener.Socket, export, null, new NbdCounters(_ => { }), exitWhenIdle: false);
                thread = new Thread(() => server.Run(end.Token)) { IsBackground = true, Name = "NBD" };
                thread.Start();
            }
            catch
            {
                listener?.Dispose();
                overlay.Dispose();
                throw;
            }
        }

        public void Dispose()
        {
            end.Cancel();
            thread.Join();
            server.Dispose();
            listener.Dispose();
            overlay.Dispose();
            end.Dispose();
        }
    }
}
