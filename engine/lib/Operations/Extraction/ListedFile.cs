using Tidemark.Engine.Files;

namespace Tidemark.Engine.Operations.Extraction;

/// <summary>A file, folder or link of an image.</summary>
/// <param name="Path">Its path in the image, as <c>extract</c> takes it.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Size">Its content's bytes.</param>
/// <param name="Mode">Permissions with the set-id and sticky bits, as in chmod(2).</param>
/// <param name="User">The owner's number.</param>
/// <param name="Group">The group's number.</param>
/// <param name="Modified">When its content changed last.</param>
/// <param name="Target">Where a link leads, or null.</param>
/// <param name="Problem">Why it doesn't come, or not as it was; null for most.</param>
public sealed record ListedFile(
    string Path, FileKind Kind, long Size, int Mode, long User, long Group, DateTimeOffset Modified, string? Target, string? Problem)
{
    internal static ListedFile Of(string path, FileEntry entry) =>
        new(path, entry.Kind, entry.Size, entry.Mode, entry.User, entry.Group, entry.Modified.Moment, entry.Target, entry.Problem?.Message);
}
