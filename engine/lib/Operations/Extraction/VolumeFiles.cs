using System.Diagnostics;
using Tidemark.Engine.Files;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Mounting;
using Tidemark.Engine.Operations.Mounts;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Servers;
using Tidemark.Engine.Programs;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Operations.Extraction;

/// <summary>Single files of an image. Linux only.</summary>
public static class VolumeFiles
{
    /// <summary>
    /// Comes before all else that a verb does which lists or extracts: takes down what runs that were killed have left, and,
    /// for root, starts this program anew with mounts that nobody else sees and that go with it.
    /// </summary>
    public static void EnterPrivateMounts()
    {
        if (OperatingSystem.IsLinux() && !PrivateMounts.AreEntered)
        {
            Unmounting.Sweep();
            PrivateMounts.Enter(NeededPaths());
        }
    }

    /// <summary>All that the arguments may lead to, and where this program is and works.</summary>
    private static List<string> NeededPaths()
    {
        List<string> needed = [Environment.CurrentDirectory, AppContext.BaseDirectory, Path.GetTempPath()];
        foreach (var word in Environment.GetCommandLineArgs())
        {
            foreach (var path in new[] { word, AddressTail.Split(word, Directory.Exists, out _) })
            {
                if (path.Length > 0 && !path.Contains('\0', StringComparison.Ordinal))
                {
                    needed.Add(RealPath.Of(path).Path);
                }
            }
        }

        return needed;
    }

    /// <summary>Lists a folder, or a single file.</summary>
    /// <param name="request">Which.</param>
    /// <param name="found">Is called for each, in the order of names.</param>
    /// <param name="observer">Is told what the reader should know of the volume, and of what takes long.</param>
    /// <param name="cancellation">Ends the listing.</param>
    /// <exception cref="TidemarkException">There is no such path, or nothing here reads it.</exception>
    public static ListFilesResult List(ListFilesRequest request, Action<ListedFile> found, IRunObserver observer, CancellationToken cancellation)
    {
        ImageMount.RequireLinux("ls");
        var wait = new ProgramWait(observer.Warn, cancellation);
        using var served = ServedImage.Open(request.Image, request.Key, observer.Warn);
        using var image = OpenedImage.Open(served.Start, wait);
        var problems = new List<FileProblem>();
        string? reader = null;
        var count = 0L;
        if (image.Locate(request.Path) is { } located)
        {
            using var tree = image.OpenTree(located.Place, wait);
            reader = tree.Reader;
            var entry = Find(image, tree, located, request.Path, cancellation);
            if (located.Path.Trim('/').Length == 0 && image.DefaultSubvolumes.TryGetValue(located.Place.Name, out var subvolume))
            {
                observer.Warn($"These are all subvolumes, from the top; the imaged system's default is '{subvolume}'.");
            }

            var path = Joined(located.Place.Name, located.Path);
            if (entry.Kind == FileKind.Folder)
            {
                var way = new HashSet<string>();
                ListFolder(entry, path);

                void ListFolder(FileEntry folder, string at)
                {
                    // A damaged or forged file system can have a folder within itself.
                    if (!way.Add(folder.Handle))
                    {
                        problems.Add(new FileProblem(at, "The folder is there twice.", true));
                        return;
                    }

                    foreach (var child in Sorted(tree, folder, at, problems, cancellation))
                    {
                        var name = $"{at.TrimEnd('/')}/{child.Name}";
                        count++;
                        found(ListedFile.Of(name, child));
                        if (child.Problem is { IsDamage: true } damage)
                        {
                            problems.Add(new FileProblem(name, damage.Message, true));
                        }

                        if (request.Recursive && child.Kind == FileKind.Folder && FileEntry.IsPlainName(child.Name))
                        {
                            ListFolder(child, name);
                        }
                    }
                }
            }
            else
            {
                count = 1;
                found(ListedFile.Of(path, entry));
            }
        }

        return new ListFilesResult
        {
            Chain = served.Chain,
            Sequence = served.Sequence,
            Path = request.Path,
            Volumes = [.. image.Places.Select(place => ImageVolume.Of(place, defaultSubvolume: image.DefaultSubvolumes.GetValueOrDefault(place.Name)))],
            Reader = reader,
            Entries = count,
            Problems = problems,
        };
    }

    /// <summary>Brings files and folders back, with times, modes and, for root, owners and attributes.</summary>
    /// <exception cref="TidemarkException">
    /// A path isn't there or would overwrite something, or nothing here reads it; nothing was copied then.
    /// </exception>
    public static ExtractResult Extract(ExtractRequest request, IRunObserver observer, CancellationToken cancellation)
    {
        ImageMount.RequireLinux("extract");
        var clock = Stopwatch.StartNew();
        OutputPath.Require(request.To);
        var folder = Path.GetFullPath(request.To);
        var wait = new ProgramWait(observer.Warn, cancellation);
        using var served = ServedImage.Open(request.Image, request.Key, observer.Warn);
        using var image = OpenedImage.Open(served.Start, wait);
        var copies = new List<TreeCopy>();
        var reader = "";
        // By volume, so that each is opened once, and everything is found before anything is copied.
        var located = request.Paths.Select(path => (Asked: path, At: image.Locate(path) ?? throw TidemarkException.WrongUse(
            $"'{path}' is the whole disk: name a partition of it, as in {image.Places.Select(p => p.Name).FirstOrDefault() ?? "p1"}/."))).ToArray();
        var targets = new HashSet<string>();
        foreach (var volume in located.GroupBy(item => item.At.Place))
        {
            using var tree = image.OpenTree(volume.Key, wait);
            reader = tree.Reader;
            var wanted = volume.Select(item => Wanted(tree, item.At, item.Asked)).ToArray();
            Directory.CreateDirectory(folder);
            var copy = new TreeCopy(tree, Environment.IsPrivilegedProcess, cancellation);
            copies.Add(copy);
            foreach (var (entry, from, to) in wanted)
            {
                copy.Copy(entry, from, to);
            }
        }

        return new ExtractResult
        {
            Chain = served.Chain,
            Sequence = served.Sequence,
            Folder = folder,
            Reader = reader,
            Files = copies.Sum(copy => copy.Files),
            Folders = copies.Sum(copy => copy.Folders),
            Links = copies.Sum(copy => copy.Links),
            Bytes = copies.Sum(copy => copy.Bytes),
            Specials = copies.Sum(copy => copy.Specials),
            Problems = [.. copies.SelectMany(copy => copy.Problems).Select(p => new FileProblem(p.Path, p.Message, p.IsDamage))],
            Seconds = clock.Elapsed.TotalSeconds,
        };

        (FileEntry Entry, string From, string To) Wanted(FileTree tree, (VolumePlace Place, string Path) at, string asked)
        {
            var entry = Find(image, tree, at, asked, cancellation);
            // A whole volume is called as it is in a mount.
            var name = entry.Name.Length > 0 ? entry.Name : at.Place.Name.Length > 0 ? at.Place.Name : "volume";
            var target = Path.Combine(folder, name);
            if (!FileEntry.IsPlainName(name) || !targets.Add(target) || CopyTarget.Exists(target))
            {
                throw TidemarkException.WrongUse($"{asked} would become {target}, which is there already. Give another folder.");
            }

            return (entry, Joined(at.Place.Name, at.Path), target);
        }
    }

    private static FileEntry Find(OpenedImage image, FileTree tree, (VolumePlace Place, string Path) at, string asked, CancellationToken cancellation) =>
        tree.Find(at.Path, cancellation) ?? throw TidemarkException.WrongUse(
            $"There is no '{asked}' in the image. 'tidemark ls' shows what there is."
            + (image.DefaultSubvolumes.TryGetValue(at.Place.Name, out var subvolume) ? $" Paths begin at the top; the default subvolume is '{Joined(at.Place.Name, subvolume)}'." : ""));

    private static string Joined(string volume, string path) => $"{volume}/{path.Trim('/')}";

    private static FileEntry[] Sorted(
        FileTree tree, FileEntry folder, string at, List<FileProblem> problems, CancellationToken cancellation)
    {
        try
        {
            return [.. tree.List(folder, cancellation).OrderBy(entry => entry.Name, StringComparer.Ordinal)];
        }
        catch (TidemarkException e)
        {
            problems.Add(new FileProblem(at, e.Message, e.Error == TidemarkError.Damaged));
            return [];
        }
    }
}
