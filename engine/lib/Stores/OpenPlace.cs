using Tidemark.Engine.Stores.Layers;

namespace Tidemark.Engine.Stores;

/// <summary>A store, or a chain's folder, that is open already and belongs to whoever opened it.</summary>
internal sealed class OpenPlace(Store? store, StoreFolder? folder) : StorePlace
{
    public override bool Exists => true;

    public override string? LocalPath => null;

    public override Store Open(bool create) => store ?? throw TidemarkException.WrongUse($"{folder!.Name} is the folder of a chain and no store.");

    public override Store OpenTrial() => new TrialStore(Open(create: false), store!.Name);

    public override StoreFolder? TryOpenFolder() => folder;
}
