namespace Tidemark.Engine.Stores.Layers;

/// <summary>
/// A folder of which small reads bring more than was asked for, and what is announced comes in beside other work: in front
/// of stores of which every request takes its time, however small it is.
/// </summary>
internal sealed class ReadAheadFolder : LayeredFolder, IDisposable
{
    private readonly ReadAheadPieces pieces;

    public ReadAheadFolder(StoreFolder folder)
        : base(folder) => pieces = new ReadAheadPieces(folder.Traits);

    public override StoreFile OpenRead(string name) => new ReadAheadFile(Behind.OpenRead(name), pieces);

    /// <summary>Ends what still comes in; the folder's objects are closed before.</summary>
    public void Dispose() => pieces.Dispose();
}
