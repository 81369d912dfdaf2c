namespace Tidemark.Harness.Readme;

/// <summary>Something that README.md or a page tells its readers to type.</summary>
/// <param name="Line">Where it stands, counted from 1.</param>
/// <param name="Section">The heading it stands under.</param>
/// <param name="Command">One line, or the lines of one indented block.</param>
/// <param name="Output">What the page shows that it says; empty where it shows nothing.</param>
internal sealed record ReadmeExample(int Line, string Section, string Command, string Output = "");
