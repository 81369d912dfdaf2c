using Tidemark.Engine;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Verification;
using Tidemark.Engine.Progress;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Environments;

/// <summary>Where one cell works: a store of its own, a place for results, and what must be as it was when the cell has ended.</summary>
internal sealed class Desk(Prototype prototype) : IDisposable
{
    /// <summary>
    /// One of the users that every Debian system has and hardly a program runs as: limits count by users, and fusermount3 asks
    /// for a user's name. Runs beside each other take different ones, as a rule.
    /// </summary>
    private static readonly string User = new[] { "5", "7", "9", "10", "38", "39" }[Environment.ProcessId % 6];

    private readonly TempFolder folder = new("cell");

    public Prototype Prototype => prototype;

    public TempFolder Folder => folder;

    /// <summary>The folder in which the store is; a surroundings may put another file system there before it is laid.</summary>
    public string Place { get; set; } = "";

    public string Store => Path.Combine(Place, "store");

    public string Chain => Path.Combine(Store, "chain");

    public string Locked => Path.Combine(Store, "locked");

    public string Mount => At("m");

    /// <summary>What makes a command another user's; empty for whoever runs the tests.</summary>
    public string[] Identity { get; private set; } = [];

    /// <summary>Where a cell puts its results.</summary>
    public string At(string name) => folder.At("out", name);

    /// <summary>Copies the store to its place.</summary>
    public void Lay()
    {
        folder.Folder("out");
        Place = Place.Length > 0 ? Place : folder.Folder("place");
        foreach (var chain in Directory.GetDirectories(prototype.Store))
        {
            var copy = Directory.CreateDirectory(Path.Combine(Store, Path.GetFileName(chain))).FullName;
            foreach (var file in Directory.GetFiles(chain))
            {
                File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
            }
        }
    }

    /// <summary>Gives the desk to an ordinary user, who then works at it.</summary>
    /// <param name="group">A group of the user's beside its own, or null.</param>
    /// <param name="store">Whether the store is the user's too.</param>
    public void GiveToUser(string? group = null, bool store = true)
    {
        Tool.Run("chown", "-R", $"{User}:{User}", folder.At("out"), folder.Folder("home"));
        if (store)
        {
            Tool.Run("chown", "-R", $"{User}:{User}", Store);
        }

        Identity =
        [
            "setpriv", $"--reuid={User}", $"--regid={User}", group is null ? "--clear-groups" : $"--groups={group}", "--inh-caps=-all",
            "env", "--unset=XDG_RUNTIME_DIR", $"HOME={folder.At("home")}",
        ];
    }

    /// <summary>Runs the program as who works here, with nothing else about it odd.</summary>
    public ToolResult Plainly(params string[] arguments)
    {
        var (program, leading) = TidemarkCli.Command;
        string[] command = [.. Identity, program, .. leading, .. arguments];
        return Tool.Try(command[0], command[1..]);
    }

    /// <summary>Fails unless all that was committed is there, whole, and the source as it was.</summary>
    public void AssertNothingLost(bool keyMayBeNew)
    {
        foreach (var image in Directory.GetFiles(prototype.Store, "*.tdi", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(Store, Path.GetRelativePath(prototype.Store, image));
            Assert.True(File.Exists(copy), $"{copy} is gone.");
            Assert.True(File.ReadAllBytes(image).AsSpan().SequenceEqual(File.ReadAllBytes(copy)), $"{copy} was changed.");
        }

        Assert.Empty(Verified(Chain, KeyOptions.None).Findings);
        Assert.True(Opens(prototype.OldKey) ^ (keyMayBeNew && Opens(prototype.NewKey)), "The encrypted chain has no key, or two.");
        Assert.Equal(FileTree.Hash(prototype.At(3)), FileTree.Hash(prototype.Disk));
    }

    /// <summary>Takes down what the cell mounted, whatever became of it.</summary>
    public void Unmount()
    {
        if (Directory.Exists(Mount))
        {
            Plainly("unmount", Mount, "--force");
        }
    }

    public void Dispose() => folder.Dispose();

    /// <summary>Whether the image is there: as a folder of its files, or as a file that an ordinary user has of it.</summary>
    public bool IsMounted => File.ReadAllText("/proc/self/mountinfo").Contains($" {Mount} ", StringComparison.Ordinal) || File.Exists(Path.Combine(Mount, "disk.img"));

    private bool Opens(string key)
    {
        try
        {
            var locked = Verified(Locked, new KeyOptions(KeyFile: key));
            Assert.Empty(locked.Findings);
            return locked.Chains.All(c => c.Key != ChainKeyState.Wrong);
        }
        catch (TidemarkException e) when (e.Error == TidemarkError.Key)
        {
            return false;
        }
    }

    private static VerifyResult Verified(string chain, KeyOptions key) =>
        Verify.Run(new VerifyRequest { Subject = ImageAddress.Parse(chain), Depth = VerifyDepth.Deep, Key = key }, new NoObserver());
}
