using Tidemark.Engine.Stores;
using Tidemark.Engine.Stores.Layers;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Stores;

/// <summary>A store of which every third request fails, behind all layers.</summary>
[DiffersBySystem]
public sealed class LayeredStoreTests : StoreContract
{
    private readonly LayeredStore store = new();

    internal override Store Store => store;

    public override void Dispose() => store.Dispose();

    private sealed class LayeredStore : Store, IDisposable
    {
        private readonly MemoryStore behind = new();
        private readonly List<ReadAheadFolder> opened = [];

        public override string Name => behind.Name;

        public override IReadOnlyList<string> ListFolders() => behind.ListFolders();

        public override StoreFolder OpenFolder(string name) => Layered(behind.OpenFolder(name));

        public override StoreFolder CreateFolder(string name) => Layered(behind.CreateFolder(name));

        public void Dispose() => opened.ForEach(folder => folder.Dispose());

        private ReadAheadFolder Layered(StoreFolder folder)
        {
            var policy = new RetryPolicy(3) { Wait = (_, _) => { } };
            var remote = new RemoteFolder(folder, new StoreTraits(3, 64 << 10, 3)) { FailsEvery = 3, LosesReplies = true };
            opened.Add(new ReadAheadFolder(new RetryingFolder(remote, policy)));
            return opened[^1];
        }
    }
}
