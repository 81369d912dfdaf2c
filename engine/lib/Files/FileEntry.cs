namespace Tidemark.Engine.Files;

/// <summary>What a name in a file system stands for.</summary>
public enum FileKind
{
    File,
    Folder,
    Link,
    Fifo,
    Socket,
    BlockDevice,
    CharacterDevice,

    /// <summary>What the reader here can't bring, or not look at; it says why.</summary>
    Other,
}

/// <summary>A time as file systems keep it.</summary>
/// <param name="Seconds">Since 1970, UTC; may be negative.</param>
/// <param name="Nanoseconds">0 to 999,999,999; coarser where the file system or its reader is.</param>
internal readonly record struct FileTime(long Seconds, uint Nanoseconds)
{
    /// <summary>The same for messages; a time that no calendar holds is the nearest that it does.</summary>
    public DateTimeOffset Moment => DateTimeOffset.FromUnixTimeSeconds(
        Math.Clamp(Seconds, DateTimeOffset.MinValue.ToUnixTimeSeconds(), DateTimeOffset.MaxValue.ToUnixTimeSeconds()))
        .AddTicks(Math.Min(Nanoseconds / 100, TimeSpan.TicksPerSecond - 1));
}

/// <summary>What keeps an entry from coming as it was.</summary>
/// <param name="Message">A sentence.</param>
/// <param name="IsDamage">Whether what is stored is damaged; else it is a limit of who reads it here.</param>
internal sealed record EntryProblem(string Message, bool IsDamage);

/// <summary>A file, folder or link of an imaged file system.</summary>
/// <param name="Name">Its name in its folder; empty for the root.</param>
/// <param name="Handle">What the tree that gave it finds it by.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Size">Its content's bytes; for a link those of its target.</param>
/// <param name="Mode">Permissions with the set-id and sticky bits, as in chmod(2).</param>
/// <param name="User">The owner's number.</param>
/// <param name="Group">The group's number.</param>
/// <param name="Modified">When its content changed last.</param>
/// <param name="Accessed">When it was read last, as far as that is kept.</param>
/// <param name="Identity">The same for all names of a file that has several; null where it has one.</param>
/// <param name="Target">Where a link leads, verbatim; null for all else.</param>
/// <param name="Problem">Why it doesn't come, or not as it was; null for most.</param>
internal sealed record FileEntry(
    string Name, string Handle, FileKind Kind, long Size, int Mode, uint User, uint Group, FileTime Modified, FileTime Accessed,
    string? Identity = null, string? Target = null, EntryProblem? Problem = null)
{
    /// <summary>Whether a name can stand for one thing in one folder: an image may claim any.</summary>
    public static bool IsPlainName(string name) =>
        name.Length is > 0 and <= 1024 && name is not ("." or "..") && !name.AsSpan().ContainsAny('/', '\0');
}
