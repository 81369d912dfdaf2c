using Tidemark.Harness.Support;

namespace Tidemark.Harness.Environments;

/// <summary>A store that can be read and not written: by its mount, or by its modes.</summary>
internal sealed class ReadOnlyStore : Surroundings
{
    private const string ByMount = "by its mount";

    public override string Name => "read-only store";

    public override IReadOnlyList<string> Forms => [ByMount, "by its modes"];

    public override IReadOnlyList<string>? MayRefuse => ["backup", "import", "repair", "heal", "key", "unlock"];

    public override IReadOnlyList<string> Reasons => ["read-only", "denied", "permi"];

    public override bool IsOrdinaryUser(string form) => form != ByMount;

    public override void Require(string form)
    {
        base.Require(form);
        Root.Require();
        Tool.Require("mount", "umount");
    }

    public override IDisposable? Prepare(Desk desk, string form)
    {
        desk.Lay();
        if (form != ByMount)
        {
            desk.GiveToUser();
            Tool.Run("chmod", "-R", "a-w", desk.Store);
            return null;
        }

        Tool.Run("mount", "--bind", desk.Store, desk.Store);
        var mount = new Unmounting(desk.Store);
        Tool.Run("mount", "-o", "remount,bind,ro", desk.Store);
        return mount;
    }

    private sealed class Unmounting(string folder) : IDisposable
    {
        public void Dispose() => Tool.Run("umount", folder);
    }
}
