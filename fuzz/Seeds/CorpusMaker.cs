using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Seeds;

/// <summary>
/// Writes the seed inputs with the project's own writers. Nothing in them is random or of this moment, so that the same
/// program writes the same bytes. Inputs that fuzzers found lie beside them under other names, and stay.
/// </summary>
internal static class CorpusMaker
{
    /// <summary>How the names of seeds begin.</summary>
    private const string Prefix = "seed-";

    public static int Run()
    {
        var total = 0;
        foreach (var (target, name, bytes) in ImageSeeds.All().Concat(VolumeSeeds.All()).Concat(ExtSeeds.All()).Concat(LvmSeeds.All()).Concat(XfsSeeds.All()).Concat(BtrfsSeeds.All()).Concat(NtfsSeeds.All()).Concat(FatSeeds.All()).Concat(DiskSeeds.All()).Concat(NbdSeeds.All()).Concat(RepairSeeds.All()).Concat(PlaceSeeds.All()))
        {
            var folder = Corpus.FolderOf(target);
            Directory.CreateDirectory(folder);
            File.WriteAllBytes(Path.Combine(folder, Prefix + name), bytes);
            total += bytes.Length;
        }

        Console.WriteLine($"{total} bytes of seeds");
        return TargetList.All.All(target => Corpus.Read(target.Name).Count > 0) ? 0 : 1;
    }
}
