using Tidemark.Harness.Support;

namespace Tidemark.Harness.Environments;

/// <summary>A store that another made and that its group shares.</summary>
internal sealed class GroupStore : Surroundings
{
    private const string Group = "12345";

    public override string Name => "group store";

    public override IReadOnlyList<string> Forms => ["a member's"];

    public override bool IsOrdinaryUser(string form) => true;

    public override IDisposable? Prepare(Desk desk, string form)
    {
        desk.Lay();
        Tool.Run("chgrp", "-R", Group, desk.Store);
        // As the program makes them below a folder with the set-group-id bit.
        Tool.Run("chmod", "-R", "u=rwX,g=rwXs,o=", desk.Store);
        Tool.Run("find", desk.Store, "-type", "f", "-exec", "chmod", "660", "{}", "+");
        desk.GiveToUser(Group, store: false);
        return null;
    }
}
