using Tidemark.Engine.Devices;
using Tidemark.Engine.Serving;
using Tidemark.Fuzz.Inputs;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Targets;

/// <summary>
/// An overlay file of a small volume with its header's checksum right: opened, read, written to, and opened again with
/// what was written in it.
/// </summary>
internal static class OverlayTarget
{
    /// <summary>Bytes of the largest volume that is opened.</summary>
    private const int MaxVolume = 256 << 10;

    private const int WriteSize = 3000;

    /// <summary>Memory where there is such a folder: an overlay is flushed all the time.</summary>
    private static readonly string Folder = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    internal static void Run(ReadOnlySpan<byte> input)
    {
        var bytes = input.ToArray();
        if (bytes.Length < OverlayHeader.Size)
        {
            return;
        }

        Reseal.DigestAtEnd(bytes.AsSpan(0, OverlayHeader.Size));
        if (!OverlayHeader.TryRead(bytes.AsSpan(0, OverlayHeader.Size), out var header))
        {
            return;
        }

        FindException.Unless(
            header.MapBytes is > 0 and <= OverlayHeader.MaxChunks / 4 && header.DataOffset >= OverlayHeader.MapOffset + header.MapBytes,
            $"The map of {header} has {header.MapBytes} bytes, and data begin at {header.DataOffset}.");
        if (header.Length > MaxVolume)
        {
            return;
        }

        var path = Path.Combine(Folder, $"tidemark-fuzz-overlay-{Environment.ProcessId}");
        try
        {
            File.WriteAllBytes(path, bytes);
            Use(header, path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void Use(in OverlayHeader header, string path)
    {
        using var below = new MemoryDevice((int)header.Length);
        var content = new byte[header.Length];
        using (var overlay = OverlayDevice.OpenKept(below, header.ChainId, header.ImageId, header.Start, path))
        {
            Walk(overlay);
            var there = TryRead(overlay, content);
            var at = header.Length / 2;
            var written = new byte[Math.Min(WriteSize, header.Length - at)];
            written.AsSpan().Fill(0xA5);
            try
            {
                overlay.WriteAt(at, written);
                overlay.WriteZeros(0, Math.Min(header.Length, header.ChunkSize + 1L));
            }
            catch (DeviceIoException)
            {
                // A chunk that is cut off can't be copied up.
                return;
            }

            written.CopyTo(content, at);
            content.AsSpan(0, (int)Math.Min(header.Length, header.ChunkSize + 1L)).Clear();
            if (!there)
            {
                return;
            }
        }

        using var again = OverlayDevice.OpenKept(below, header.ChainId, header.ImageId, header.Start, path);
        var kept = new byte[header.Length];
        FindException.Unless(TryRead(again, kept) && kept.AsSpan().SequenceEqual(content), "What was written isn't there again.");
    }

    private static bool TryRead(OverlayDevice overlay, byte[] content)
    {
        try
        {
            overlay.ReadAt(0, content);
            return true;
        }
        catch (DeviceIoException)
        {
            return false;
        }
    }

    private static void Walk(OverlayDevice overlay)
    {
        for (var at = 0L; at < overlay.Length;)
        {
            var extent = overlay.ExtentAt(at);
            FindException.Unless(
                extent.Offset == at && extent.Length > 0 && extent.Length <= overlay.Length - at, $"At {at} of {overlay.Length} lies {extent}.");
            var (_, length) = overlay.WrittenAt(at);
            FindException.Unless(length > 0 && length <= overlay.Length - at, $"At {at} of {overlay.Length} the same holds for {length} bytes.");
            at += extent.Length;
        }
    }
}
