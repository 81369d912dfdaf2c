namespace Tidemark.Harness.Support;

/// <summary>
/// A folder of one test, removed with it. It stands under TIDEMARK_TEST_DIR if that is set, else under
/// <c>/var/tmp</c> where that is there (never memory, so direct I/O works), else under the system's own.
/// </summary>
internal sealed class TempFolder : IDisposable
{
    public TempFolder(string purpose = "test")
    {
        var parent = Environment.GetEnvironmentVariable("TIDEMARK_TEST_DIR");
        if (string.IsNullOrEmpty(parent))
        {
            parent = Directory.Exists("/var/tmp") ? "/var/tmp" : System.IO.Path.GetTempPath();
        }

        // Full, since under Wine a path without a letter is one too.
        parent = System.IO.Path.GetFullPath(parent);
        Directory.CreateDirectory(parent);
        Path = System.IO.Path.Combine(parent, $"tidemark-{purpose}-{Guid.NewGuid():N}");
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    public static implicit operator string(TempFolder folder) => folder.Path;

    /// <summary>The path of something in the folder.</summary>
    public string At(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>Makes a folder in it.</summary>
    public string Folder(string name) => Directory.CreateDirectory(At(name)).FullName;

    /// <summary>Makes a sparse file of that many bytes.</summary>
    public string Sparse(string name, long length)
    {
        using var file = new FileStream(At(name), FileMode.CreateNew, FileAccess.Write);
        file.SetLength(length);
        return file.Name;
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException e)
        {
            // What is left is seen, and a test's own failure isn't hidden by it.
            Console.Error.WriteLine($"{Path} could not be removed: {e.Message}");
        }
        catch (UnauthorizedAccessException e)
        {
            Console.Error.WriteLine($"{Path} could not be removed: {e.Message}");
        }
    }
}
