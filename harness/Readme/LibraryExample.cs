using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Progress;

namespace Tidemark.Harness.Readme;

/// <summary>What engine/docs/embedding.md shows of the library, with a source and a store that are there.</summary>
internal static class LibraryExample
{
    public static (string Said, BackupResult Result) Run(string source, string store, CancellationToken cancellation)
    {
        var request = new BackupRequest { Source = SourceLocation.Parse(source), Store = StoreLocation.Parse(store) };
        var result = Backup.Run(request, NoObserver.Instance, cancellation);
        var said = $"{result.Chain}@{result.Sequence}: {result.StoredBytes} bytes stored";
        return (said, result);
    }
}
