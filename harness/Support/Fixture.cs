using System.Text.Json;
using Xunit;
using ZstdSharp;

namespace Tidemark.Harness.Support;

/// <summary>A partition of a fixture; offset and size in bytes of the virtual disk.</summary>
/// <param name="PartitionId">The GPT partition GUID, or "disk signature-number" as Linux names an MBR partition.</param>
/// <param name="FileSystem">ext4, xfs, ntfs, exfat or fat32.</param>
/// <param name="FileSystemId">UUID or serial number as blkid prints it.</param>
internal sealed record FixturePartition(
    int Number, long Offset, long Size, string PartitionId, string FileSystem, string FileSystemId);

/// <summary>A small real disk of <c>vhd-fixtures</c>, as its manifest describes it.</summary>
/// <param name="File">The checked-in file: the container itself, or it compressed by zstd.</param>
/// <param name="Container">vhd or vhdx.</param>
/// <param name="Form">fixed or dynamic.</param>
/// <param name="UniqueId">The container's own id.</param>
/// <param name="ContentSha256">Of the virtual disk's <paramref name="VirtualSize"/> bytes.</param>
/// <param name="Table">gpt or mbr.</param>
/// <param name="DiskId">The GPT disk GUID, or the MBR signature in hex.</param>
internal sealed record Fixture(
    string Name, string File, string Container, string Form, string UniqueId, long VirtualSize, string ContentSha256,
    string Table, string DiskId, IReadOnlyList<FixturePartition> Partitions)
{
    private const int Chunk = 64 << 10;

    private static readonly Lazy<Manifest> Loaded = new(Load);

    private sealed record Manifest(IReadOnlyList<Fixture> Fixtures, SortedDictionary<string, string> Files);

    public static IReadOnlyList<Fixture> All => Loaded.Value.Fixtures;

    /// <summary>The names of all fixtures, for theories.</summary>
    public static TheoryData<string> Names => [.. All.Select(fixture => fixture.Name)];

    /// <summary>SHA-256 of every file that every fixture holds, by path.</summary>
    public static IReadOnlyDictionary<string, string> Files => Loaded.Value.Files;

    /// <summary>The folder of the fixtures.</summary>
    public static string Folder => Repository.PathOf("vhd-fixtures");

    /// <summary>The lines of SHA256SUMS: hash by name, of checked-in files and of what compressed ones hold.</summary>
    public static IReadOnlyDictionary<string, string> Sums => System.IO.File.ReadLines(Path.Combine(Folder, "SHA256SUMS"))
        .Select(line => line.Split("  ", 2)).ToDictionary(parts => parts[1], parts => parts[0], StringComparer.Ordinal);

    /// <summary>What qemu-img calls the container.</summary>
    public string QemuFormat => Container == "vhd" ? "vpc" : "vhdx";

    public static Fixture Named(string name) => All.Single(fixture => fixture.Name == name);

    /// <summary>Puts the container into a folder of the test and checks it. Returns its path.</summary>
    public string Unpack(TempFolder folder)
    {
        var target = folder.At(Name);
        using (var packed = System.IO.File.OpenRead(Path.Combine(Folder, File)))
        using (var output = new FileStream(target, FileMode.CreateNew))
        {
            if (File.EndsWith(".zst", StringComparison.Ordinal))
            {
                using var plain = new DecompressionStream(packed);
                CopySparse(plain, output);
            }
            else
            {
                CopySparse(packed, output);
            }
        }

        var hash = FileTree.Hash(target);
        return hash == Sums[Name]
            ? target
            : throw new InvalidOperationException($"{Name} has SHA-256 {hash} and not {Sums[Name]}: the fixture is damaged.");
    }

    /// <summary>Unpacks the container and lets qemu-img write the virtual disk as a raw file. Returns its path.</summary>
    public string UnpackRaw(TempFolder folder)
    {
        Tool.Require("qemu-img");
        var raw = folder.At(Path.ChangeExtension(Name, ".raw"));
        Tool.Run("qemu-img", "convert", "-f", QemuFormat, "-O", "raw", Unpack(folder), raw);
        return raw;
    }

    // Zeros become holes, so that a large and nearly empty disk takes neither time nor space.
    private static void CopySparse(Stream from, FileStream to)
    {
        var buffer = new byte[Chunk];
        long length = 0;
        while (true)
        {
            var read = from.ReadAtLeast(buffer, Chunk, throwOnEndOfStream: false);
            if (read == 0)
            {
                break;
            }

            if (buffer.AsSpan(0, read).ContainsAnyExcept((byte)0))
            {
                to.Position = length;
                to.Write(buffer.AsSpan(0, read));
            }

            length += read;
        }

        to.SetLength(length);
    }

    private static Manifest Load()
    {
        using var file = System.IO.File.OpenRead(Path.Combine(Folder, "manifest.json"));
        return JsonSerializer.Deserialize<Manifest>(file, JsonSerializerOptions.Web)
            ?? throw new InvalidOperationException("manifest.json is empty.");
    }
}
