using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Programs;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Stores;
using Tidemark.Engine.Tracing;

namespace Tidemark.Engine.Operations.Imports;

/// <summary>Makes a chain of disk files: one point in time of each.</summary>
public static class Import
{
    /// <summary>
    /// Imports files, parents before their children. What is committed stays where a later file fails.
    /// </summary>
    /// <param name="done">Called with each image as it is committed.</param>
    /// <exception cref="TidemarkException">A file couldn't be imported; those after it weren't tried.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static ImportResult Run(
        ImportRequest request, Action<ImportedFile> done, IRunObserver observer, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(done);
        ArgumentNullException.ThrowIfNull(observer);
        if (request.Files.Count == 0)
        {
            throw TidemarkException.WrongUse("Give a file to import.");
        }

        var clock = new RunClock(TimeProvider.System);
        BackupOptionsCheck.Check(Request(request, request.Files[0], adopt: false));
        var described = request.Files.Select(ImportFile.Describe).ToArray();
        ImportOrder.RequireDifferent(described);
        var files = ImportOrder.Of(ImportLinks.Find(described), unlinked: request.Chain is not null);
        using var key = request.Key.Open();
        MissingDisk.Warn(request.Store, observer);
        StoreFolder? folder = null;
        var time = DateTimeOffset.MinValue;
        List<ImportedFile> images = [];
        foreach (var file in files)
        {
            // A chain's points follow each other, whatever the clocks of the files' machines said.
            time = file.Time > time ? file.Time : time;
            var backup = Request(request, file.Location, adopt: request.Adopt || folder is not null);
            using var traced = new TracedRun("import", file.Path);
            file.Location.WarnIfLive(observer);
            using var source = file.Open(described, new ProgramWait(observer.Warn, cancellation));
            folder ??= ChainFinder.Find(backup, source.Identity, null, observer);
            var into = folder;
            var image = traced.Completed(Backup.OrNothing(into, () => Backup.Into(
                into, backup, source, key, new RunClock(TimeProvider.System), observer, new FixedTime(time), SystemRandomSource.Instance, null,
                cancellation)));
            images.Add(new ImportedFile(file.Path, time, image));
            done(images[^1]);
        }

        return new ImportResult
        {
            Chain = folder!.Name,
            Images = images,
            Seconds = clock.Seconds,
            CpuSeconds = clock.CpuSeconds,
            Notes = [.. Notes(files)],
        };
    }

    private static IEnumerable<string> Notes(IReadOnlyList<ImportFile> files)
    {
        foreach (var file in files)
        {
            if (file.ParentKey is not null && files.All(f => f.Key != file.ParentKey))
            {
                yield return $"{file.Path} builds on {file.ParentName}, which wasn't given: it is a part of the image's content, and no point of its own.";
            }

            if (file.Snapshots > 0)
            {
                yield return $"{file.Path} has {file.Snapshots} internal snapshots, which aren't imported: qemu-img convert -l makes files of them.";
            }
        }
    }

    private static BackupRequest Request(ImportRequest request, SourceLocation file, bool adopt) => new()
    {
        Source = file,
        Store = request.Store,
        Chain = request.Chain,
        BlockSize = request.BlockSize,
        Hash = request.Hash,
        Codec = request.Codec,
        Level = request.Level,
        SplitSize = request.SplitSize,
        Key = request.Key,
        MaxRate = request.MaxRate,
        MaxUnreadable = request.MaxUnreadable,
        // What is imported is kept as the file has it: other programs' images are evidence, too.
        AllBlocks = true,
        Adopt = adopt,
    };
}
