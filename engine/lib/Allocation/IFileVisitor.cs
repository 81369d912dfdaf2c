namespace Tidemark.Engine.Allocation;

/// <summary>Who is told of the files of a volume (<see cref="FileExtents"/>).</summary>
internal interface IFileVisitor
{
    /// <summary>Whether <see cref="Visit"/> is wanted for a file that has this name.</summary>
    /// <param name="path">From the root, with a slash between folders and none in front.</param>
    bool Wants(ReadOnlySpan<char> path);

    /// <summary>A file that was wanted. With several names it comes once for each of them that is wanted.</summary>
    /// <param name="path">As it was asked for.</param>
    /// <param name="file">What tells it from others.</param>
    /// <param name="extents">
    /// Where its content lies, in the content's order and without its holes; empty where the content is so small that it lies within
    /// a record. The list is the walk's own, and another one's with the next file.
    /// </param>
    void Visit(ReadOnlySpan<char> path, NamedFile file, IReadOnlyList<ContentExtent> extents);
}
