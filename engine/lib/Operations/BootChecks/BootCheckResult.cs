namespace Tidemark.Engine.Operations.BootChecks;

/// <summary>How an image booted.</summary>
public sealed record BootCheckResult
{
    /// <summary>The chain's folder.</summary>
    public required string Chain { get; init; }

    public required long Sequence { get; init; }

    /// <summary>Whether there was a sign of life.</summary>
    public bool Alive => Reason is null;

    /// <summary>The sign of life; null where there was none.</summary>
    public required string? Sign { get; init; }

    /// <summary>Why the image counts as dead; null where it lives.</summary>
    public required string? Reason { get; init; }

    /// <summary>Whether the machine had EFI firmware.</summary>
    public required bool Efi { get; init; }

    /// <summary>"kvm" or "tcg", which is emulation.</summary>
    public required string Accelerator { get; init; }

    /// <summary>How often the guest reset itself.</summary>
    public required int Resets { get; init; }

    /// <summary>From the machine's start to the verdict.</summary>
    public required double Seconds { get; init; }

    public required long GuestReadBytes { get; init; }

    public required long GuestWrittenBytes { get; init; }

    /// <summary>The last lines of the serial console, free of control characters.</summary>
    public required IReadOnlyList<string> Console { get; init; }

    /// <summary>Where the last screen was kept; null where none was.</summary>
    public required string? Screenshot { get; init; }
}
