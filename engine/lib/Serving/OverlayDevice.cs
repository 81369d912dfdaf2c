using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Tidemark.Engine.Devices;

namespace Tidemark.Engine.Serving;

/// <summary>
/// A device that may be written over one that never is: what is written goes into a sparse file beside it, chunk by chunk, and
/// the rest is read from below. The file is thrown away at the end, or kept and opened again over the same image.
/// </summary>
/// <remarks>
/// Flush makes the chunks durable before the map that tells of them, so that after a crash each chunk is as it was at the last
/// flush or newer.
/// </remarks>
internal sealed class OverlayDevice : BlockDevice
{
    /// <summary>Locks that chunks share: those of two writes at a time are hardly ever one.</summary>
    private const int Stripes = 64;

    private const int WriteError = 5;

    private readonly BlockDevice below;
    private readonly SafeFileHandle file;
    private readonly OverlayHeader header;
    private readonly OverlayMap map;
    private readonly Lock[] stripes;
    private readonly Lock flushing = new();
    private readonly string path;
    private readonly bool keeps;

    private OverlayDevice(BlockDevice below, SafeFileHandle file, OverlayHeader header, OverlayMap map, string path, bool keeps)
    {
        this.below = below;
        this.file = file;
        this.header = header;
        this.map = map;
        this.path = path;
        this.keeps = keeps;
        stripes = new Lock[Stripes];
        for (var i = 0; i < Stripes; i++)
        {
            stripes[i] = new Lock();
        }
    }

    /// <summary>Where a machine keeps what may be much: memory is behind /tmp on many.</summary>
    private static string TemporaryFolder =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("TMPDIR")) && Directory.Exists("/var/tmp") ? "/var/tmp" : Path.GetTempPath();

    public override string Name => below.Name;

    public override DeviceGeometry Geometry => below.Geometry;

    public override bool CanWrite => true;

    /// <summary>Opens an overlay that is thrown away at the end.</summary>
    /// <exception cref="TidemarkException">There is no room for temporary files, or nothing to write to.</exception>
    public static OverlayDevice OpenTemporary(BlockDevice below)
    {
        var header = HeaderFor(below, Guid.Empty, Guid.Empty, 0);
        var path = Path.Combine(TemporaryFolder, $"tidemark-{Guid.NewGuid():N}.tdo");
        try
        {
            var file = OpenFile(path, FileMode.CreateNew, FileOptions.DeleteOnClose);
            if (!OperatingSystem.IsWindows())
            {
                // Without a name it is gone however the program ends.
                File.Delete(path);
            }

            return new OverlayDevice(below, file, header, new OverlayMap(new byte[header.MapBytes], header.Chunks), path, keeps: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var advice = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("TMPDIR")) ? "Let TMPDIR name a folder" : "TMPDIR says so: let it name a folder";
            throw TidemarkException.Failed(
                $"The temporary overlay {path} can't be made: {e.Message.TrimEnd('.')}. {advice} that is there and can be written to.", e);
        }
    }

    /// <summary>Opens an overlay that is kept, made if it isn't there.</summary>
    /// <param name="below">The image's volume, or a part of it.</param>
    /// <param name="start">Where a part begins in the image's volume; 0 for all of it.</param>
    /// <exception cref="TidemarkException">The file isn't an overlay of this image, is in use, or can't be made.</exception>
    public static OverlayDevice OpenKept(BlockDevice below, Guid chainId, Guid imageId, long start, string path)
    {
        var header = HeaderFor(below, chainId, imageId, start);
        try
        {
            var file = OpenFile(path, FileMode.OpenOrCreate, FileOptions.None);
            try
            {
                return RandomAccess.GetLength(file) == 0 ? Begin(below, header, file, path) : Continue(below, header, file, path);
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw TidemarkException.Failed($"The overlay {path} can't be opened: {e.Message.TrimEnd('.')}. Is another server using it?", e);
        }
    }

    public override void ReadAt(long offset, Span<byte> buffer)
    {
        Debug.Assert(offset >= 0 && offset + buffer.Length <= Length);
        while (!buffer.IsEmpty)
        {
            var chunk = offset / header.ChunkSize;
            var state = map[chunk];
            var end = Math.Min(map.EndOfRun(chunk) * header.ChunkSize, offset + buffer.Length);
            var piece = buffer[..(int)(end - offset)];
            switch (state)
            {
                case ChunkState.Below:
                    below.ReadAt(offset, piece);
                    break;
                case ChunkState.Zero:
                    piece.Clear();
                    break;
                default:
                    ReadFile(offset, piece);
                    break;
            }

            offset = end;
            buffer = buffer[piece.Length..];
        }
    }

    public override void WriteAt(long offset, ReadOnlySpan<byte> buffer)
    {
        Debug.Assert(offset >= 0 && offset + buffer.Length <= Length);
        while (!buffer.IsEmpty)
        {
            var chunk = offset / header.ChunkSize;
            var end = Math.Min(ChunkEnd(chunk), offset + buffer.Length);
            var piece = buffer[..(int)(end - offset)];
            lock (stripes[chunk % Stripes])
            {
                if (map[chunk] != ChunkState.Data && piece.Length < ChunkEnd(chunk) - (chunk * header.ChunkSize))
                {
                    CopyUp(chunk);
                }

                WriteFile(offset, piece);
                map.Set(chunk, ChunkState.Data);
            }

            offset = end;
            buffer = buffer[piece.Length..];
        }
    }

    public override void WriteZeros(long offset, long length)
    {
        Debug.Assert(offset >= 0 && length >= 0 && offset + length <= Length);
        var zeros = Array.Empty<byte>();
        for (var end = offset + length; offset < end;)
        {
            var chunk = offset / header.ChunkSize;
            var start = chunk * header.ChunkSize;
            var now = Math.Min(ChunkEnd(chunk), end);
            if (offset == start && now == ChunkEnd(chunk))
            {
                lock (stripes[chunk % Stripes])
                {
                    map.Set(chunk, ChunkState.Zero);
                }
            }
            else
            {
                zeros = zeros.Length == 0 ? new byte[header.ChunkSize] : zeros;
                WriteAt(offset, zeros.AsSpan(0, (int)(now - offset)));
            }

            offset = now;
        }
    }

    public override void Flush()
    {
        if (!keeps)
        {
            return;
        }

        lock (flushing)
        {
            var pages = map.TakeDirty();
            try
            {
                // What the map says is written must be there before it says so.
                RandomAccess.FlushToDisk(file);
                foreach (var (offset, page) in pages)
                {
                    RandomAccess.Write(file, page, OverlayHeader.MapOffset + offset);
                }

                if (pages.Count > 0)
                {
                    RandomAccess.FlushToDisk(file);
                }
            }
            catch (IOException e)
            {
                pages.ForEach(page => map.MarkDirty(page.Offset));
                throw new DeviceIoException(path, 0, header.Length, "Flushing", WriteError, e.Message.TrimEnd('.'));
            }
        }
    }

    public override DeviceExtent ExtentAt(long offset)
    {
        var chunk = offset / header.ChunkSize;
        var state = map[chunk];
        var end = Math.Min(map.EndOfRun(chunk) * header.ChunkSize, Length);
        if (state != ChunkState.Below)
        {
            return new DeviceExtent(offset, end - offset, state == ChunkState.Zero ? ExtentKind.Unallocated : ExtentKind.Data);
        }

        var extent = below.ExtentAt(offset);
        return extent with { Length = Math.Min(extent.Length, end - offset) };
    }

    /// <summary>Whether clients wrote at an offset, and for how many bytes the same holds at least.</summary>
    public (bool Written, long Length) WrittenAt(long offset)
    {
        var chunk = offset / header.ChunkSize;
        return (map[chunk] != ChunkState.Below, Math.Min(map.EndOfRun(chunk) * header.ChunkSize, Length) - offset);
    }

    protected override void Dispose(bool disposing)
    {
        try
        {
            Flush();
        }
        finally
        {
            file.Dispose();
            base.Dispose(disposing);
        }
    }

    private static OverlayHeader HeaderFor(BlockDevice below, Guid chainId, Guid imageId, long start)
    {
        var header = new OverlayHeader(OverlayHeader.ChunkFor(below.Length), below.Length, chainId, imageId, start);
        return below.Length > 0 && header.Chunks <= OverlayHeader.MaxChunks
            ? header
            : throw TidemarkException.WrongUse($"A volume of {below.Length} bytes can't be served writable.");
    }

    /// <summary>A new one is its owner's alone from the start: it holds what a volume held, whoever may read that.</summary>
    private static SafeFileHandle OpenFile(string path, FileMode mode, FileOptions more)
    {
        var options = new FileStreamOptions
        {
            Mode = mode,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            Options = more,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options).SafeFileHandle;
    }

    private static OverlayDevice Begin(BlockDevice below, OverlayHeader header, SafeFileHandle file, string path)
    {
        RandomAccess.Write(file, header.ToBytes(), 0);
        RandomAccess.SetLength(file, header.DataOffset);
        RandomAccess.FlushToDisk(file);
        return new OverlayDevice(below, file, header, new OverlayMap(new byte[header.MapBytes], header.Chunks), path, keeps: true);
    }

    private static OverlayDevice Continue(BlockDevice below, OverlayHeader expected, SafeFileHandle file, string path)
    {
        var page = new byte[OverlayHeader.Size];
        if (RandomAccess.Read(file, page, 0) != page.Length || !OverlayHeader.TryRead(page, out var header))
        {
            throw TidemarkException.WrongUse($"{path} isn't an overlay, or its header is damaged. Give another file for it.");
        }

        if (header with { ChunkSize = expected.ChunkSize } != expected)
        {
            throw TidemarkException.WrongUse(
                $"{path} is an overlay of another image or volume ({header.ImageId}). Serve that one, or give another file for the overlay.");
        }

        var bits = new byte[header.MapBytes];
        for (var at = 0; at < bits.Length;)
        {
            var read = RandomAccess.Read(file, bits.AsSpan(at), OverlayHeader.MapOffset + at);
            if (read == 0)
            {
                throw TidemarkException.Damaged($"The overlay {path} is cut off within its map. Give another file for it.");
            }

            at += read;
        }

        var map = new OverlayMap(bits, header.Chunks);
        return map.IsValid
            ? new OverlayDevice(below, file, header, map, path, keeps: true)
            : throw TidemarkException.Damaged($"The map of the overlay {path} is damaged. Give another file for it.");
    }

    private long ChunkEnd(long chunk) => Math.Min((chunk + 1) * header.ChunkSize, Length);

    /// <summary>Brings a chunk as it is into the file, of which a part is to be written.</summary>
    private void CopyUp(long chunk)
    {
        var start = chunk * header.ChunkSize;
        var content = new byte[ChunkEnd(chunk) - start];
        if (map[chunk] == ChunkState.Below)
        {
            below.ReadAt(start, content);
        }

        WriteFile(start, content);
    }

    private void ReadFile(long offset, Span<byte> buffer)
    {
        var at = header.DataOffset + offset;
        try
        {
            while (!buffer.IsEmpty)
            {
                var read = RandomAccess.Read(file, buffer, at);
                if (read == 0)
                {
                    throw new DeviceIoException(path, offset, buffer.Length, "Reading", WriteError, "the overlay is cut off");
                }

                at += read;
                buffer = buffer[read..];
            }
        }
        catch (IOException e)
        {
            throw new DeviceIoException(path, offset, buffer.Length, "Reading", WriteError, e.Message.TrimEnd('.'));
        }
    }

    private void WriteFile(long offset, ReadOnlySpan<byte> buffer)
    {
        const int NoSpace = 28, DiskFull = 0x70;
        try
        {
            RandomAccess.Write(file, buffer, header.DataOffset + offset);
        }
        catch (IOException e)
        {
            var error = (e.HResult & 0xFFFF) is NoSpace or DiskFull ? NoSpace : WriteError;
            throw new DeviceIoException(path, offset, buffer.Length, "Writing", error, e.Message.TrimEnd('.'));
        }
    }
}
