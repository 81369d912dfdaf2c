using Tidemark.Engine;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Operations.Healing;
using Tidemark.Engine.Operations.Repairs;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Operations.Verification;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Stores;
using Tidemark.Fuzz.Inputs;
using Tidemark.Fuzz.Running;
using Tidemark.Fuzz.Seeds;

namespace Tidemark.Fuzz.Targets;

/// <summary>
/// A whole folder is verified, repaired, healed and verified again. Committed files stay as they are, and what a deep
/// verification calls restorable does restore.
/// </summary>
internal static class RepairTarget
{
    private static readonly byte[] Source = SeedChain.SourceContent();

    internal static void Run(ReadOnlySpan<byte> input)
    {
        var folder = FolderInput.Read(input);
        using var key = KeySource.FromKey(ChainTarget.Key);
        Verify(folder, key);
        var before = Committed(folder);
        Attempt(() =>
        {
            foreach (var image in Repair.Run(folder, key, NoObserver.Instance, new SeededRandomSource(3), default, workers: 0).Images)
            {
                CheckAside(image.File, ImageNames.RepairExtension);
            }
        });
        Verify(folder, key);
        using var source = new MemoryDevice((byte[])Source.Clone());
        Attempt(() =>
        {
            var result = Heal.Run(
                folder, source, "source", key, NoObserver.Instance, TimeProvider.System, new SeededRandomSource(4), default, workers: 0);
            foreach (var image in result.Images)
            {
                CheckAside(image.File, ImageNames.HealingExtension);
            }
        });
        Verify(folder, key);
        foreach (var (name, bytes) in before)
        {
            FindException.Unless(bytes.AsSpan().SequenceEqual(Bytes(folder, name)), $"{name} is another file now.");
        }

        FindException.Unless(folder.ListUnfinished().Count == 0, "Something was left behind.");
    }

    /// <summary>Each step has to leave the folder in order, whether it can do its work or not.</summary>
    private static void Attempt(Action step)
    {
        try
        {
            step();
        }
        catch (TidemarkException e)
        {
            FindException.Unless(e.Message.Length > 0, "An exception says nothing.");
        }
    }

    /// <summary>What is made stands under a name by which it is found again.</summary>
    private static void CheckAside(string? name, string extension) => FindException.Unless(
        name is null || ImageNames.TryParseAside(name, extension, out _, out _), $"{name} isn't found again.");

    private static void Verify(MemoryStoreFolder folder, KeySource key) => Attempt(() =>
    {
        var result = Tidemark.Engine.Operations.Verification.Verify.Run([folder], null, VerifyDepth.Deep, null, key, NoObserver.Instance, default, workers: 0);
        using var chain = Chain.Load(folder);
        chain.Unlock(key);
        foreach (var sequence in result.Chains[0].Restorable.Take(ChainTarget.MostPoints))
        {
            var damage = ChainTarget.Restore(chain, chain.Get(sequence));
            FindException.Unless(damage is null or [], $"Image {sequence} is called restorable: {damage?.FirstOrDefault()}");
        }
    });

    private static Dictionary<string, byte[]> Committed(MemoryStoreFolder folder) => folder.List()
        .Where(e => ImageNames.TryParse(e.Name, out _, out var part) && part == 0)
        .ToDictionary(e => e.Name, e => Bytes(folder, e.Name));

    private static byte[] Bytes(MemoryStoreFolder folder, string name)
    {
        using var file = folder.OpenRead(name);
        var bytes = new byte[file.Length];
        file.ReadAt(0, bytes);
        return bytes;
    }
}
