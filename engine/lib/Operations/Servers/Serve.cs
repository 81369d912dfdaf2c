using System.Globalization;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Diffs;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Serving;

namespace Tidemark.Engine.Operations.Servers;

/// <summary>Serves a point in time to NBD clients, straight from the chain.</summary>
public static class Serve
{
    /// <summary>
    /// Serves until <paramref name="cancellation"/>, which is an ordinary end, or until the last client has gone where the
    /// request says so.
    /// </summary>
    /// <param name="onReady">Told as soon as clients may come.</param>
    /// <exception cref="TidemarkException">The image can't be opened, or the socket not be made.</exception>
    public static ServeResult Run(
        ServeRequest request, Action<ServedPoint> onReady, IRunObserver observer, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(onReady);
        ArgumentNullException.ThrowIfNull(observer);
        var clock = new RunClock(TimeProvider.System);
        const long MinCache = 1L << 20, MaxCache = 1L << 40;
        if (request.CacheBytes is < MinCache or > MaxCache)
        {
            throw TidemarkException.WrongUse($"A cache of {request.CacheBytes} bytes isn't possible: give 1M to 1T.");
        }

        if (request.TlsVerifyPeer && request.TlsCertificates is null)
        {
            throw TidemarkException.WrongUse("Clients can be verified only over TLS: give a folder of certificates too.");
        }

        foreach (var path in new[] { request.Overlay, request.Socket }.OfType<string>())
        {
            OutputPath.Require(path);
        }

        var address = request.Image;
        using var chain = address.OpenChain(request.Key);
        var image = address.Find(chain, observer.Warn);
        var hasher = chain.Hasher(image);
        var lineage = chain.Lineage(image);
        var view = address.View(lineage, hasher);
        Restore.WarnOfMetadata(image, observer);
        using var point = new PointDevice(lineage, hasher, request.CacheBytes);
        using BlockDevice part = address.Partition is null ? point : new DevicePart(point, view.Offset, view.Length);
        using var overlay = OpenOverlay(request, part, image, view.Offset, observer);
        var device = overlay ?? part;
        using var other = request.ChangedSince is null ? null : OtherPoint.Open(request, chain, image);
        List<NbdContext> contexts = [new AllocationContext(device)];
        if (other is not null)
        {
            contexts.Add(other.Context(view, point, image, hasher, overlay));
        }

        using var tls = request.TlsCertificates is { } folder ? NbdTls.Load(folder, request.TlsVerifyPeer) : null;
        var export = new NbdExport
        {
            Name = request.ExportName,
            Description = string.Create(CultureInfo.InvariantCulture, $"image {image.Header.Sequence} of {chain.Folder.Name}"),
            Device = device,
            Contexts = contexts,
            PreferredBlock = Math.Max(image.Header.BlockSize, ImageFormat.MinBlockSize),
        };
        var counters = new NbdCounters(observer.Warn);
        using (var listener = NbdListener.Open(request.Listen, request.Socket, request.ExportName))
        {
            onReady(new ServedPoint(
                listener.Address.ToString(), chain.Folder.Name, image.Header.ImageId, image.Header.Sequence, device.Length,
                image.Header.BlockSize, device.CanWrite, tls is not null, clock.Seconds));
            using var server = new NbdServer(listener.Socket, export, tls, counters, request.ExitWhenIdle);
            server.Run(cancellation);
        }

        return new ServeResult(
            chain.Folder.Name, image.Header.ImageId, image.Header.Sequence, counters.Connections, counters.ReadBytes,
            counters.WrittenBytes, counters.Failures, clock.Seconds, clock.CpuSeconds);
    }

    private static OverlayDevice? OpenOverlay(
        ServeRequest request, BlockDevice below, ImageReader image, long start, IRunObserver observer)
    {
        if (!request.Writable && request.Overlay is null)
        {
            return null;
        }

        if (image.Header.Encrypted)
        {
            observer.Warn("The chain is encrypted, and what clients write isn't: the overlay is a file in the clear.");
        }

        return request.Overlay is { } path
            ? OverlayDevice.OpenKept(below, image.Header.ChainId, image.Header.ImageId, start, path)
            : OverlayDevice.OpenTemporary(below);
    }

    /// <summary>The point in time that ranges are compared with, of the same chain or a copy of it.</summary>
    private sealed class OtherPoint(Chain chain, ImageReader image) : IDisposable
    {
        public static OtherPoint Open(ServeRequest request, Chain served, ImageReader now)
        {
            var address = request.ChangedSince!.RequireWhole();
            var chain = address.OpenChain(request.Key);
            try
            {
                var image = address.Find(chain);
                Diff.RequireOneChain(chain, image, served, now);
                return new OtherPoint(chain, image);
            }
            catch
            {
                chain.Dispose();
                throw;
            }
        }

        public ChangedContext Context(ByteRange view, PointDevice now, ImageReader served, BlockHasher hasher, OverlayDevice? overlay)
        {
            var blockSize = served.Header.BlockSize;
            return new ChangedContext(
                view, now.Index, new PointIndex(chain.Lineage(image), now.Budget), hasher.HashBlock(new byte[blockSize]),
                blockSize, Math.Min(served.Header.SourceBytes, image.Header.SourceBytes), overlay);
        }

        public void Dispose() => chain.Dispose();
    }
}
