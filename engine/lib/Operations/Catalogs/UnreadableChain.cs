namespace Tidemark.Engine.Operations.Catalogs;

/// <summary>A folder of a store that can't be looked into.</summary>
/// <param name="Folder">Its path.</param>
/// <param name="Reason">Why.</param>
internal sealed record UnreadableChain(string Folder, TidemarkException Reason);
