using System.Globalization;
using TerraFX.Interop.Windows;
using Tidemark.Interop.Windows;

namespace Tidemark.Engine.Snapshots;

/// <summary>Failures of VSS in words that a person can act on.</summary>
internal static class VssErrors
{
    /// <summary>
    /// Those of which the documentation says that they can be transient, and to wait ten minutes and try again, up to three
    /// times (DoSnapshotSet, GetWriterStatus).
    /// </summary>
    public static bool IsTransient(int code) => code is VSS_E.VSS_E_PROVIDER_VETO or VSS_E.VSS_E_UNEXPECTED_PROVIDER_ERROR or VSS_E.VSS_E_FLUSH_WRITES_TIMEOUT
        or VSS_E.VSS_E_HOLD_WRITES_TIMEOUT or VSS_E.VSS_E_WRITERERROR_OUTOFRESOURCES or VSS_E.VSS_E_WRITERERROR_TIMEOUT
        or VSS_E.VSS_E_WRITERERROR_RETRYABLE;

    /// <summary>"VSS couldn't make the snapshots: …"</summary>
    /// <param name="step">What VSS was to do, as an infinitive.</param>
    /// <param name="code">The HRESULT.</param>
    public static VssException Failure(string step, int code) =>
        new($"VSS couldn't {step}: {Describe(code)}", code, IsTransient(code), IsWithoutVss(code) ? Advice.NoSnapshot : Advice.None);

    /// <summary>Whether it will never work, so that only an image without a snapshot is left.</summary>
    private static bool IsWithoutVss(int code) => code is VSS_E.VSS_E_VOLUME_NOT_SUPPORTED or VSS_E.VSS_E_VOLUME_NOT_SUPPORTED_BY_PROVIDER
        or VSS_E.VSS_E_NOT_SUPPORTED or E.E_NOTIMPL or REGDB.REGDB_E_CLASSNOTREG;

    /// <summary>There is no service to ask.</summary>
    public static VssException NoVss(string reason) => new(
        $"This system has no Volume Shadow Copy Service ({reason}), so nothing can hold the volume still.",
        advice: Advice.NoSnapshot);

    /// <summary>"There is too little space… Free some… (VSS_E_INSUFFICIENT_STORAGE, 0x8004231F)."</summary>
    public static string Describe(int code)
    {
        var number = code.ToString("X8", CultureInfo.InvariantCulture);
        return VssErrorTable.Entries.TryGetValue(code, out var entry)
            ? $"{entry.Text} ({entry.Name}, 0x{number})"
            : $"it failed with 0x{number}, which isn't one of its documented errors. The event log may say more.";
    }
}
