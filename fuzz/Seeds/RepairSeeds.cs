using System.Text;
using Tidemark.Engine;
using Tidemark.Engine.Format;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Operations.Repairs;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Stores;
using Tidemark.Fuzz.Inputs;
using Tidemark.Fuzz.Targets;

namespace Tidemark.Fuzz.Seeds;

/// <summary>Seeds of what stands beside images: damaged chains, repair files, healing images, copies of headers.</summary>
internal static class RepairSeeds
{
    public static IEnumerable<(string Target, string Name, byte[] Bytes)> All()
    {
        var healed = SeedChain.MakeHealed();
        yield return ("image-header", "healing", healed[^1].Bytes[..ImageFormat.HeaderSize]);
        yield return ("chain", "healed", FolderInput.Write(seal: true, healed));
        yield return ("repair", "healed", FolderInput.Write(seal: true, healed));
        foreach (var (name, codec, encrypted, parts) in ((string, Codec, bool, bool)[])
            [("plain", Codec.Zstd, false, false), ("encrypted", Codec.Zstd, true, false), ("parts", Codec.None, false, true)])
        {
            var files = SeedChain.Make(codec, encrypted, parts);
            if (!parts)
            {
                yield return ("repair", $"{name}-without-header", Damaged(files, 0, 0, ImageFormat.HeaderSize));
                yield return ("repair", $"{name}-without-footer", Damaged(files, 0, files[0].Bytes.Length - ImageFormat.FooterSize, ImageFormat.FooterSize));
                yield return ("repair", $"{name}-with-damaged-frame", Damaged(files, 0, ImageFormat.HeaderSize + 200, 64));
            }

            var repaired = Repaired(files);
            yield return ("repair-file", name, repaired[^1].Bytes);
            yield return ("chain", $"{name}-repaired", FolderInput.Write(seal: false, repaired));
            if (name == "plain")
            {
                yield return ("repair", "repaired", FolderInput.Write(seal: true, repaired));
            }
        }

        var page = healed[0].Bytes[..ImageFormat.HeaderSize];
        var text = HeaderCopy.Write(page);
        yield return ("header-copy", "base64", Encoding.UTF8.GetBytes(text));
        yield return ("header-copy", "bytes", Convert.FromBase64String(text));
        yield return ("metadata", "header", new ImageMetadata { Source = "seed", Header = text }.ToBytes());
        yield return ("names", "repair", "000003.001.tdr"u8.ToArray());
        yield return ("names", "healing", "000003.001.tdh"u8.ToArray());
        yield return ("names", "healing-temporary", "000003.001.tdh.0123456789abcdef0123456789abcdef.tmp"u8.ToArray());
    }

    /// <summary>A folder as an input, of which a file lacks some bytes.</summary>
    private static byte[] Damaged(List<(string Name, byte[] Bytes)> files, int file, int at, int count) =>
        FolderInput.Write(seal: false, Erase(files, file, at, count));

    private static List<(string Name, byte[] Bytes)> Erase(List<(string Name, byte[] Bytes)> files, int file, int at, int count)
    {
        var bytes = (byte[])files[file].Bytes.Clone();
        bytes.AsSpan(at, count).Clear();
        return [.. files.Select((f, i) => i == file ? (f.Name, bytes) : f)];
    }

    /// <summary>A chain that lost a footer, or a header where there are parts, with the repair file of the first image last.</summary>
    private static List<(string Name, byte[] Bytes)> Repaired(List<(string Name, byte[] Bytes)> files)
    {
        var first = files.FindIndex(f => f.Name == ImageNames.Part(1, 0));
        var damaged = files.Exists(f => ImageNames.TryParse(f.Name, out var sequence, out var part) && sequence == 1 && part == 1)
            ? Erase(files, first, 0, ImageFormat.HeaderSize)
            : Erase(files, first, files[first].Bytes.Length - ImageFormat.FooterSize, ImageFormat.FooterSize);
        var folder = new MemoryStoreFolder("seed", "seed");
        foreach (var (name, bytes) in damaged)
        {
            using var writer = folder.Create(name);
            writer.Append(bytes);
            writer.Complete();
        }

        using var key = KeySource.FromKey(ChainTarget.Key);
        var result = Repair.Run(folder, key, NoObserver.Instance, new SeededRandomSource(5), default, workers: 0);
        using var file = folder.OpenRead(result.Images[0].File!);
        var repair = new byte[file.Length];
        file.ReadAt(0, repair);
        return [.. damaged, (result.Images[0].File!, repair)];
    }
}
