using Tidemark.Interop.Windows;

namespace Tidemark.Engine.Snapshots;

/// <summary>How one writer stands: an application, or a service of Windows, that makes its data ready for a snapshot.</summary>
/// <param name="Failure">The reason it gives, an HRESULT; 0 if none.</param>
internal sealed record VssWriterStatus(string Name, VSS_WRITER_STATE State, int Failure)
{
    public bool HasFailed => State >= VSS_WRITER_STATE.VSS_WS_FAILED_AT_IDENTIFY || Failure < 0;

    private string Stage => State switch
    {
        VSS_WRITER_STATE.VSS_WS_FAILED_AT_IDENTIFY => "failed to tell what it has",
        VSS_WRITER_STATE.VSS_WS_FAILED_AT_PREPARE_BACKUP => "failed to prepare the backup",
        VSS_WRITER_STATE.VSS_WS_FAILED_AT_PREPARE_SNAPSHOT => "failed to prepare the snapshot",
        VSS_WRITER_STATE.VSS_WS_FAILED_AT_FREEZE => "failed to freeze its data",
        VSS_WRITER_STATE.VSS_WS_FAILED_AT_THAW => "failed to thaw its data",
        VSS_WRITER_STATE.VSS_WS_FAILED_AT_POST_SNAPSHOT => "failed after the snapshot",
        VSS_WRITER_STATE.VSS_WS_FAILED_AT_BACKUP_COMPLETE => "failed at the end of the backup",
        VSS_WRITER_STATE.VSS_WS_FAILED_AT_BACKUPSHUTDOWN => "failed at the shutdown of the backup",
        VSS_WRITER_STATE.VSS_WS_FAILED_AT_PRE_RESTORE or VSS_WRITER_STATE.VSS_WS_FAILED_AT_POST_RESTORE =>
            "failed at a restore",
        _ => "reports a failure",
    };

    /// <summary>Null while all are well, else a failure that names those that failed and why.</summary>
    public static VssException? Failed(IEnumerable<VssWriterStatus> writers)
    {
        var failed = writers.Where(w => w.HasFailed).ToList();
        if (failed.Count == 0)
        {
            return null;
        }

        var each = failed.Select(w => w.Failure == 0 ? $"'{w.Name}' {w.Stage}." : $"'{w.Name}' {w.Stage}: {VssErrors.Describe(w.Failure)}");
        return new VssException(
            $"VSS writer {string.Join(" VSS writer ", each)} 'vssadmin list writers' shows the state, the event log the cause.",
            failed[0].Failure, failed.TrueForAll(w => VssErrors.IsTransient(w.Failure)));
    }
}
