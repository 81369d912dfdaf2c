using Tidemark.Harness.Support;

namespace Tidemark.Harness.Environments;

/// <summary>A store on a file system in user space.</summary>
internal sealed class UserFileSystem(string name, string program) : Surroundings
{
    public override string Name => name;

    public override IReadOnlyList<string> Forms => [program];

    public override void Require(string form)
    {
        Root.Require();
        Tool.Require(program, "umount", "mountpoint");
    }

    public override IDisposable? Prepare(Desk desk, string form)
    {
        var mount = UserMount.Make(desk.Folder, program);
        desk.Place = mount.Folder;
        desk.Lay();
        return mount;
    }
}
