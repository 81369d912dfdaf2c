using Tidemark.Engine.Io;
using Tidemark.Engine.Stores;
using Tidemark.Interop.Linux;

namespace Tidemark.Harness.Stores;

/// <summary>The calls of a file system that refuses some of them, each with an error of its own.</summary>
internal sealed class RefusingCalls : StoreCalls
{
    /// <summary>By the name of the call, the error number it answers.</summary>
    public Dictionary<string, int> Refused { get; } = [];

    /// <summary>Calls that are done, and answered with the error all the same, as a share may that lost its answer.</summary>
    public bool Does { get; init; }

    /// <summary>A file that stands for the one that is opened for direct writes.</summary>
    public string? Direct { get; init; }

    /// <summary>Called before each flush of a folder, with the number of those before.</summary>
    public Action<int>? Flushing { get; set; }

    private int flushes;

    public override FdHandle OpenDirect(FdHandle folder, string name) =>
        Direct is null ? base.OpenDirect(folder, name) : FileCalls.Open(Direct, Libc.O_RDWR, out _);

    public override int RenameExclusively(FdHandle folder, string from, string to) =>
        Answer("renameat2", () => base.RenameExclusively(folder, from, to));

    public override int Link(FdHandle folder, string from, string to) => Answer("link", () => base.Link(folder, from, to));

    public override int Rename(FdHandle folder, string from, string to) => Answer("rename", () => base.Rename(folder, from, to));

    public override int Unlink(FdHandle folder, string name) => Answer("unlink", () => base.Unlink(folder, name));

    public override int FlushFolder(FdHandle folder)
    {
        Flushing?.Invoke(flushes++);
        return Answer("fsync", () => base.FlushFolder(folder));
    }

    public override int FlushFile(FdHandle file) => Answer("fdatasync", () => base.FlushFile(file));

    public override int Lock(FdHandle file) => Answer("flock", () => base.Lock(file));

    private int Answer(string name, Func<int> call)
    {
        if (!Refused.TryGetValue(name, out var error))
        {
            return call();
        }

        if (Does)
        {
            _ = call();
        }

        return -error;
    }
}
