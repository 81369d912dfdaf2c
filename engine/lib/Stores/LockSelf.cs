using System.Text;
using Tidemark.Engine.Hashing;

namespace Tidemark.Engine.Stores;

/// <summary>What can be said here of an owner that a folder names.</summary>
internal enum OwnerState
{
    /// <summary>A process of this machine that runs.</summary>
    Running,

    /// <summary>A process of this machine that is gone.</summary>
    Gone,

    /// <summary>A process of this machine, or of a copy of it, from before its last start.</summary>
    BeforeStart,

    /// <summary>A process of another machine or container, which can't be asked.</summary>
    Elsewhere,
}

/// <summary>This process as an owner of folders, and what it can say of others. Tests give machines of their own.</summary>
internal sealed partial record LockSelf(string Machine, string Host, string Boot, string Space, int Process, long Started)
{
    /// <summary>
    /// What a machine's id is hashed for, since it is to be kept to oneself (machine-id(5)). By BLAKE3, which needs no
    /// library of the system: a rescue system may have none.
    /// </summary>
    private const string Purpose = "tidemark owner 1 machine";

    /// <summary>Whether a process of this machine runs, by its number and its start; null to ask the system.</summary>
    public Func<int, long, bool>? Lives { get; init; }

    private static readonly Lazy<LockSelf> current = new(Read);

    public static LockSelf Current => current.Value;

    public OwnerState Judge(LockOwner owner)
    {
        if (owner.Machine != Machine)
        {
            return OwnerState.Elsewhere;
        }

        // Copies of a machine share its id, but no two starts are one.
        if (owner.Boot != Boot)
        {
            return OwnerState.BeforeStart;
        }

        return owner.Space != Space ? OwnerState.Elsewhere
            : (Lives ?? Runs)(owner.Process, owner.Started) ? OwnerState.Running : OwnerState.Gone;
    }

    public LockOwner Owner(Guid token, DateTimeOffset now) => new()
    {
        Token = token,
        Machine = Machine,
        Host = Host,
        Boot = Boot,
        Space = Space,
        Process = Process,
        Started = Started,
        Since = now,
        Seen = now,
    };

    /// <summary>The id of a machine as it may be written where others read it.</summary>
    internal static string Hash(string id, string host)
    {
        Span<byte> hash = stackalloc byte[16];
        Blake3.DeriveKey(Encoding.UTF8.GetBytes(Purpose), Encoding.UTF8.GetBytes($"{id}\0{host}"), hash);
        return Convert.ToHexStringLower(hash);
    }

    private static LockSelf Read()
    {
        var host = Environment.MachineName;
        var process = Environment.ProcessId;
        return OperatingSystem.IsWindows()
            ? new LockSelf(Hash(WindowsId(), host), host, "-", "-", process, WindowsStart())
            : new LockSelf(Hash(LinuxId(), host), host, LinuxBoot(), LinuxSpace(), process, LinuxStart(process) ?? 0);
    }

    // A number is given to one process after the other; the start tells them apart.
    private static bool Runs(int process, long started) =>
        OperatingSystem.IsWindows() ? WindowsRuns(process, started) : LinuxStart(process) == started;
}
