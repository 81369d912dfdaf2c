using Alphaleonis.Win32.Vss;
using Tidemark.Interop.Windows;
using AlphaComponents = Alphaleonis.Win32.Vss.IVssBackupComponents;
using AlphaType = Alphaleonis.Win32.Vss.VssBackupType;

namespace Tidemark.Engine.Snapshots;

/// <summary>
/// A requester on AlphaVSS, in the place of the own one in builds with -p:UseAlphaVss=true: order, retries and clean-up are
/// the same. AlphaVSS knows less of a failure than its HRESULT, so some messages are its own.
/// </summary>
internal sealed class AlphaVssRequester : VssRequester
{
    private readonly AlphaComponents components;

    public AlphaVssRequester() =>
        components = Do(Begin, VssFactoryProvider.Default.GetVssFactory().CreateVssBackupComponents);

    public override void Initialize(VssBackupType type)
    {
        Do(Begin, () => components.InitializeForBackup(null));
        Do(SetKind, () => components.SetContext(VssSnapshotContext.Backup));
        Do(SetType, () => components.SetBackupState(false, true, type == VssBackupType.Full ? AlphaType.Full : AlphaType.Copy, false));
    }

    public override IReadOnlyList<string> GatherWriters(CancellationToken cancellation)
    {
        Finish(AskWriters, components.GatherWriterMetadataAsync, cancellation);
        try
        {
            return Do(AskWriters, () => components.WriterMetadata.Select(w => w.WriterName).ToList());
        }
        finally
        {
            Do(AskWriters, components.FreeWriterMetadata);
        }
    }

    public override IReadOnlyList<VssWriterStatus> GatherStatus(CancellationToken cancellation)
    {
        Finish(AskState, components.GatherWriterStatusAsync, cancellation);
        try
        {
            return Do(AskState, () => components.WriterStatus
                .Select(w => new VssWriterStatus(w.Name, (VSS_WRITER_STATE)w.State, unchecked((int)w.Failure))).ToList());
        }
        finally
        {
            Do(AskState, components.FreeWriterStatus);
        }
    }

    public override bool IsSupported(string volume) => Do(AskSupport(volume), () => components.IsVolumeSupported(volume));

    public override Guid? TryStartSet()
    {
        try
        {
            return Do(StartSet, components.StartSnapshotSet);
        }
        catch (VssException e) when (e.Code == VSS_E.VSS_E_SNAPSHOT_SET_IN_PROGRESS)
        {
            return null;
        }
    }

    public override Guid Add(string volume) => Do(AddTo(volume), () => components.AddToSnapshotSet(volume));

    public override void Prepare(CancellationToken cancellation) => Finish(PrepareWriters, components.PrepareForBackupAsync, cancellation);

    public override void DoSet(CancellationToken cancellation) => Finish(MakeSnapshots, components.DoSnapshotSetAsync, cancellation);

    public override void Complete(CancellationToken cancellation) => Finish(TellComplete, components.BackupCompleteAsync, cancellation);

    public override VolumeSnapshot Snapshot(Guid id, string volume)
    {
        var found = Do(AskDevice(volume), () => components.GetSnapshotProperties(id));
        return Made(volume, found.SnapshotDeviceObject ?? "", id, new DateTimeOffset(found.CreationTimestamp.ToUniversalTime()));
    }

    public override int Abort() => Try(components.AbortBackup);

    public override int Delete(Guid set) => Try(() => components.DeleteSnapshotSet(set, true));

    public override void Dispose() => components.Dispose();

    // What the retries and a few messages depend on; AlphaVSS turns each HRESULT into a type of its own.
    private static int CodeOf(Exception e) => e switch
    {
        VssSnapshotSetInProgressException => VSS_E.VSS_E_SNAPSHOT_SET_IN_PROGRESS,
        VssProviderVetoException => VSS_E.VSS_E_PROVIDER_VETO,
        VssFlushWritesTimeoutException => VSS_E.VSS_E_FLUSH_WRITES_TIMEOUT,
        VssHoldWritesTimeoutException => VSS_E.VSS_E_HOLD_WRITES_TIMEOUT,
        VssOutOfResourcesWriterException => VSS_E.VSS_E_WRITERERROR_OUTOFRESOURCES,
        VssTimeoutWriterException => VSS_E.VSS_E_WRITERERROR_TIMEOUT,
        VssRetryableWriterException => VSS_E.VSS_E_WRITERERROR_RETRYABLE,
        VssInsufficientStorageException => VSS_E.VSS_E_INSUFFICIENT_STORAGE,
        VssVolumeNotSupportedException => VSS_E.VSS_E_VOLUME_NOT_SUPPORTED,
        VssObjectNotFoundException => VSS_E.VSS_E_OBJECT_NOT_FOUND,
        VssBadStateException => VSS_E.VSS_E_BAD_STATE,
        // The HRESULTs of COM keep theirs: E_ACCESSDENIED, E_OUTOFMEMORY, E_INVALIDARG.
        _ => e.HResult,
    };

    private static VssException Failure(string step, Exception e)
    {
        var code = CodeOf(e);
        return VssErrorTable.Entries.ContainsKey(code)
            ? VssErrors.Failure(step, code)
            : new VssException($"VSS couldn't {step}: {e.Message} The event log may say more.", code);
    }

    private static T Do<T>(string step, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception e) when (IsOfVss(e))
        {
            throw Failure(step, e);
        }
    }

    private static void Do(string step, Action call) => Do(step, () =>
    {
        call();
        return true;
    });

    private static int Try(Action call)
    {
        try
        {
            call();
            return 0;
        }
        catch (Exception e) when (IsOfVss(e))
        {
            return e.HResult < 0 ? CodeOf(e) : VSS_E.VSS_E_UNEXPECTED;
        }
    }

    private static void Finish(string step, Func<CancellationToken, Task> begin, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Do(step, () => begin(cancellation).GetAwaiter().GetResult());
    }

    // AlphaVSS documents these for its calls; the loader's are those of a folder without its native part.
    private static bool IsOfVss(Exception e) => e is Alphaleonis.Win32.Vss.VssException or UnauthorizedAccessException
        or ArgumentException or NotSupportedException or FileNotFoundException or BadImageFormatException
        || e.GetType() == typeof(SystemException);
}

/// <summary>The provider takes this requester wherever this file is compiled.</summary>
internal sealed partial class VssSnapshotProvider
{
    static partial void Replace(ref Func<VssRequester> create) => create = () => new AlphaVssRequester();
}
