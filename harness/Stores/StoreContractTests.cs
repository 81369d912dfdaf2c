using Tidemark.Engine.Stores;
using Tidemark.Harness.Support;

namespace Tidemark.Harness.Stores;

[DiffersBySystem]
public class MemoryStoreTests : StoreContract
{
    internal override Store Store { get; } = new MemoryStore();

    public override void Dispose()
    {
    }
}

[DiffersBySystem]
public class FolderStoreContractTests : StoreContract
{
    private readonly TempFolder folder = new("store");

    public FolderStoreContractTests() => Store = FolderStore.Open(folder.Path);

    internal override Store Store { get; }

    protected override bool DeletesAtOnce => !OperatingSystem.IsWindows();

    public override void Dispose() => folder.Dispose();
}
