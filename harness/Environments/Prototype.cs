using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Progress;
using Tidemark.Harness.Support;

namespace Tidemark.Harness.Environments;

/// <summary>What every cell begins with: a volume at three points in time, a chain of two of them, and one that is encrypted. Made once.</summary>
public sealed class Prototype : IDisposable
{
    public const string Tree = "note.txt";

    // The volume stays one volume while its content changes.
    private const string VolumeId = "6a1c9d52-3f0e-4b7a-9a55-3d2f4f7c8e10";
    private const int Versions = 3;

    private readonly TempFolder folder = new("prototype");

    public Prototype()
    {
        if (!OperatingSystem.IsLinux() || !Tool.Has("mkfs.ext4"))
        {
            return;
        }

        Directory.CreateDirectory(Store);
        for (var version = 1; version <= Versions; version++)
        {
            Make(version);
            File.Copy(At(version), Disk, overwrite: true);
            if (version < Versions)
            {
                Backup.Run(new BackupRequest { Source = SourceLocation.Parse(Disk), Store = StoreLocation.Parse(Store), Chain = "chain" }, new NoObserver());
            }
        }

        var key = new byte[32];
        foreach (var name in new[] { OldKey, NewKey })
        {
            Random.Shared.NextBytes(key);
            File.WriteAllBytes(name, key);
        }

        Backup.Run(new BackupRequest { Source = SourceLocation.Parse(At(1)), Store = StoreLocation.Parse(Store), Chain = "locked", Key = new KeyOptions(KeyFile: OldKey) }, new NoObserver());
        if (Tool.Has("qemu-img"))
        {
            Tool.Run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", At(2), Container);
        }

        Tool.Run("chmod", "-R", "a+rX", folder);
        IsMade = true;
    }

    /// <summary>Whether this machine has what it takes.</summary>
    internal bool IsMade { get; }

    /// <summary>The volume now, later than any image.</summary>
    internal string Disk => folder.At("disk");

    internal string Store => folder.At("store");

    internal string Container => folder.At("container.qcow2");

    internal string OldKey => folder.At("old.key");

    internal string NewKey => folder.At("new.key");

    /// <summary>The volume as it was.</summary>
    internal string At(int version) => folder.At($"version{version}");

    internal static string NoteOf(int version) => $"version {version}\n";

    public void Dispose() => folder.Dispose();

    private void Make(int version)
    {
        var tree = folder.Folder($"tree{version}");
        File.WriteAllText(Path.Combine(tree, Tree), NoteOf(version));
        var noise = new byte[700_000];
        new Random(1).NextBytes(noise);
        noise.AsSpan(0, version * 50_000).Clear();
        File.WriteAllBytes(Path.Combine(tree, "noise"), noise);
        var volume = folder.Sparse($"version{version}", 4 << 20);
        Tool.Run("mkfs.ext4", "-q", "-F", "-U", VolumeId, "-d", tree, volume);
    }
}
