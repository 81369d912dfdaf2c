namespace Tidemark.Engine.Files;

/// <summary>
/// Copies entries of a tree into a folder of this system. What an image says can't lead it out of there: names are plain,
/// everything is made new, and nothing that exists is written to or followed.
/// </summary>
internal sealed class TreeCopy
{
    private readonly FileTree tree;
    private readonly bool owners;
    private readonly CancellationToken cancellation;
    private readonly Dictionary<string, string> names = [];
    private readonly Stack<string> way = new();
    private readonly List<CopyProblem> problems = [];

    /// <param name="tree">Where the entries are from.</param>
    /// <param name="owners">Whether they keep their owners; needs root.</param>
    /// <param name="cancellation">Ends the copy between two files, and within a long one.</param>
    public TreeCopy(FileTree tree, bool owners, CancellationToken cancellation)
    {
        this.tree = tree;
        this.owners = owners;
        this.cancellation = cancellation;
    }

    public long Files { get; private set; }

    public long Folders { get; private set; }

    public long Links { get; private set; }

    /// <summary>Devices, sockets and pipes that were left out.</summary>
    public long Specials { get; private set; }

    /// <summary>Bytes of content.</summary>
    public long Bytes { get; private set; }

    /// <summary>What didn't come, or not whole.</summary>
    public IReadOnlyList<CopyProblem> Problems => problems;

    /// <summary>Copies an entry and what is below it.</summary>
    /// <param name="entry">What to copy.</param>
    /// <param name="from">Its path in the image, for messages.</param>
    /// <param name="to">The path that it gets, where nothing is yet.</param>
    public void Copy(FileEntry entry, string from, string to)
    {
        cancellation.ThrowIfCancellationRequested();
        try
        {
            switch (entry.Kind)
            {
                case FileKind.Folder:
                    CopyFolder(entry, from, to);
                    break;
                case FileKind.File:
                    CopyFile(entry, from, to);
                    break;
                case FileKind.Link:
                    CopyTarget.MakeLink(to, entry.Target!);
                    Links++;
                    Finish(entry, from, to);
                    break;
                case FileKind.Other:
                    break;
                default:
                    Specials++;
                    break;
            }

            if (entry.Problem is { } problem)
            {
                problems.Add(new CopyProblem(from, problem.Message, problem.IsDamage));
            }
        }
        catch (TidemarkException e)
        {
            problems.Add(new CopyProblem(from, e.Message, e.Error == TidemarkError.Damaged));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            problems.Add(new CopyProblem(from, e.Message, false));
        }
    }

    private void CopyFolder(FileEntry folder, string from, string to)
    {
        // A damaged or forged file system can have a folder within itself.
        if (way.Contains(folder.Handle) || CopyTarget.Exists(to))
        {
            problems.Add(new CopyProblem(from, "The folder is there twice.", true));
            return;
        }

        CopyTarget.MakeFolder(to);
        Folders++;
        way.Push(folder.Handle);
        try
        {
            foreach (var entry in tree.List(folder, cancellation))
            {
                var path = $"{from.TrimEnd('/')}/{entry.Name}";
                if (FileEntry.IsPlainName(entry.Name))
                {
                    Copy(entry, path, Path.Combine(to, entry.Name));
                }
                else
                {
                    problems.Add(new CopyProblem(path, "Its name can't be one here; 'tidemark mount' shows what it is.", false));
                }
            }
        }
        finally
        {
            way.Pop();
            Finish(folder, from, to);
        }
    }

    private void CopyFile(FileEntry file, string from, string to)
    {
        if (file.Identity is { } identity && names.TryGetValue(identity, out var first) && FileMetadata.TryLink(first, to) is null)
        {
            Files++;
            return;
        }

        CopyContent(file, to);
        Files++;
        if (file.Identity is { } shared)
        {
            names[shared] = to;
        }

        Finish(file, from, to);
    }

    private void CopyContent(FileEntry file, string to)
    {
        using var target = CopyTarget.MakeFile(to);
        using var writer = new SparseWriter(target, to);
        try
        {
            Fill();
        }
        catch (Exception e) when (e is TargetFileException or OperationCanceledException)
        {
            // Half a file under its name would be taken for it.
            CopyTarget.Delete(to);
            throw;
        }

        void Fill()
        {
            try
            {
                tree.Read(file, writer, cancellation);
            }
            catch (TidemarkException e) when (e is not TargetFileException)
            {
                if (writer.Length == 0)
                {
                    // Nothing of it came, and it isn't empty.
                    CopyTarget.Delete(to);
                }
                else
                {
                    End();
                }

                throw;
            }

            End();
        }

        void End()
        {
            writer.Flush();
            Bytes += writer.Length;
        }
    }

    private void Finish(FileEntry entry, string from, string to)
    {
        foreach (var problem in FileMetadata.Apply(to, entry, tree.Attributes(entry), owners))
        {
            problems.Add(new CopyProblem(from, $"It came without {problem}.", false));
        }
    }
}

/// <summary>Something that didn't come, or not whole.</summary>
/// <param name="Path">Its path in the image.</param>
/// <param name="Message">What happened.</param>
/// <param name="IsDamage">Whether what is stored is damaged.</param>
internal sealed record CopyProblem(string Path, string Message, bool IsDamage);
