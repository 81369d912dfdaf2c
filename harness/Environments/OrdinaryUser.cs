using Tidemark.Harness.Support;

namespace Tidemark.Harness.Environments;

/// <summary>Not root, at a store of one's own.</summary>
internal sealed class OrdinaryUser : Surroundings
{
    public override string Name => "not root";

    public override IReadOnlyList<string> Forms => ["a store of its own"];

    public override bool IsOrdinaryUser(string form) => true;

    public override IDisposable? Prepare(Desk desk, string form)
    {
        desk.Lay();
        desk.GiveToUser();
        return null;
    }
}
