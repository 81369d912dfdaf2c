using System.Globalization;
using Tidemark.Engine.Io;
using Tidemark.Engine.Operations.Extraction;

namespace Tidemark.Cli.Json;

/// <summary>A file, folder or link of an image.</summary>
internal sealed class FileEvent(ListedFile file) : CliEvent("file")
{
    public string Path => file.Path;

    public string Kind => JsonShapes.Name(file.Kind);

    public long Bytes => file.Size;

    public string Mode => "0" + Convert.ToString(file.Mode, 8).PadLeft(3, '0');

    public long User => file.User;

    public long Group => file.Group;

    public string Modified => file.Modified.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    public string? Target => file.Target;

    /// <summary>Base64 of the path's bytes, where they aren't UTF-8.</summary>
    public string? RawPath => Raw(file.Path);

    /// <summary>The same of a link's target.</summary>
    public string? RawTarget => file.Target is { } target ? Raw(target) : null;

    /// <summary>Why it doesn't come, or not as it was.</summary>
    public string? Problem => file.Problem;

    private static string? Raw(string name) => RawName.IsText(name) ? null : Convert.ToBase64String(RawName.Encode(name));
}

/// <summary>The result of <c>ls</c>; the files went before it.</summary>
internal sealed class ListFilesEvent(ListFilesResult result, int exitCode) : ResultEvent("ls", exitCode)
{
    public string Chain => result.Chain;

    public long Sequence => result.Sequence;

    public string Path => result.Path;

    public string? Reader => result.Reader;

    public long Entries => result.Entries;

    public VolumeObject[] Volumes => [.. result.Volumes.Select(v => new VolumeObject(v))];

    public FileProblemObject[] Problems => [.. result.Problems.Select(p => new FileProblemObject(p))];
}

/// <summary>The result of <c>extract</c>.</summary>
internal sealed class ExtractEvent(ExtractResult result, int exitCode) : ResultEvent("extract", exitCode)
{
    public string Chain => result.Chain;

    public long Sequence => result.Sequence;

    public string Folder => result.Folder;

    public string Reader => result.Reader;

    public long Files => result.Files;

    public long Folders => result.Folders;

    public long Links => result.Links;

    public long Bytes => result.Bytes;

    public long Specials => result.Specials;

    public FileProblemObject[] Problems => [.. result.Problems.Select(p => new FileProblemObject(p))];

    public double Seconds => JsonShapes.Seconds(result.Seconds);
}

/// <summary>Something that didn't come, or not whole.</summary>
internal sealed class FileProblemObject(FileProblem problem)
{
    public string Path => problem.Path;

    public string Message => problem.Message;

    public bool Damaged => problem.IsDamage;
}
