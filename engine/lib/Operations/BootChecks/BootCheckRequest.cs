using Tidemark.Engine.Booting;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Points;

namespace Tidemark.Engine.Operations.BootChecks;

/// <summary>What to boot, how, and what counts as a sign of life.</summary>
public sealed record BootCheckRequest
{
    public required ImageAddress Image { get; init; }

    public KeyOptions Key { get; init; } = KeyOptions.None;

    /// <summary>
    /// What the serial console must say. Without it, a login prompt or a system that writes to its disk counts, unless it
    /// crashes in the seconds after.
    /// </summary>
    public string? Expect { get; init; }

    /// <summary>How long to wait for a sign of life.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The machine's memory in bytes, 16 MiB to 1 TiB.</summary>
    public long MemoryBytes { get; init; } = 1L << 30;

    /// <summary>Whether the machine has EFI firmware; null: what the disk looks made for.</summary>
    public bool? Efi { get; init; }

    public DiskBus Bus { get; init; }

    /// <summary>Where the last screen is kept as PNG; overwritten. Null: nowhere.</summary>
    public string? Screenshot { get; init => field = UserPath.SettleAny(value); }
}
