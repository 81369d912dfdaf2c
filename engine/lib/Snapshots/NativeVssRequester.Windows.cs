using System.Runtime.InteropServices;
using TerraFX.Interop.Windows;
using Tidemark.Interop.Windows;

namespace Tidemark.Engine.Snapshots;

/// <summary>A requester on the raw interfaces of vssapi.dll.</summary>
internal sealed unsafe class NativeVssRequester : VssRequester
{
    private readonly VssApi api;
    private readonly TimeProvider time;
    private readonly SafeComHandle components;

    /// <param name="library">The full path of another vssapi.dll than the system's.</param>
    /// <exception cref="VssException">There is no VSS here, or it fails to begin.</exception>
    public NativeVssRequester(TimeProvider time, string? library)
        : this(Load(library), time)
    {
    }

    private NativeVssRequester(VssApi api, TimeProvider time)
    {
        this.api = api;
        this.time = time;
        IVssBackupComponents* created = null;
        var result = api.CreateVssBackupComponentsInternal(&created);
        if (result == E.E_NOTIMPL)
        {
            throw VssErrors.NoVss("it isn't implemented");
        }

        Require(result, Begin);
        components = new SafeComHandle(created);
    }

    private delegate HRESULT AsyncCall(IVssAsync** operation);

    private IVssBackupComponents* Raw => (IVssBackupComponents*)components.DangerousGetHandle();

    public override void Initialize(VssBackupType type)
    {
        Require(Raw->InitializeForBackup(null), Begin);
        Require(Raw->SetContext((int)VSS_SNAPSHOT_CONTEXT.VSS_CTX_BACKUP), SetKind);

        // Whole volumes and no components, with what Windows needs to start, and no partial files.
        var kind = type == VssBackupType.Full ? VSS_BACKUP_TYPE.VSS_BT_FULL : VSS_BACKUP_TYPE.VSS_BT_COPY;
        Require(Raw->SetBackupState(0, 1, kind, 0), SetType);
    }

    public override IReadOnlyList<string> GatherWriters(CancellationToken cancellation)
    {
        const string Step = AskWriters;
        Finish(operation => Raw->GatherWriterMetadata(operation), Step, cancellation);
        try
        {
            uint count = 0;
            Require(Raw->GetWriterMetadataCount(&count), Step);
            var names = new List<string>();
            for (uint i = 0; i < count; i++)
            {
                names.Add(WriterName(i, Step));
            }

            return names;
        }
        finally
        {
            _ = Raw->FreeWriterMetadata();
        }
    }

    public override IReadOnlyList<VssWriterStatus> GatherStatus(CancellationToken cancellation)
    {
        const string Step = AskState;
        Finish(operation => Raw->GatherWriterStatus(operation), Step, cancellation);
        try
        {
            uint count = 0;
            Require(Raw->GetWriterStatusCount(&count), Step);
            var writers = new List<VssWriterStatus>();
            for (uint i = 0; i < count; i++)
            {
                Guid instance = default;
                Guid writer = default;
                char* name = null;
                VSS_WRITER_STATE state = default;
                HRESULT failure = default;
                Require(Raw->GetWriterStatus(i, &instance, &writer, &name, &state, &failure), Step);
                writers.Add(new VssWriterStatus(TakeString(name), state, failure));
            }

            return writers;
        }
        finally
        {
            _ = Raw->FreeWriterStatus();
        }
    }

    public override bool IsSupported(string volume)
    {
        BOOL supported = default;
        fixed (char* name = volume)
        {
            // The null id: by any provider.
            Require(Raw->IsVolumeSupported(default, name, &supported), AskSupport(volume));
        }

        return supported;
    }

    public override Guid? TryStartSet()
    {
        Guid id = default;
        var result = Raw->StartSnapshotSet(&id);
        if (result == VSS_E.VSS_E_SNAPSHOT_SET_IN_PROGRESS)
        {
            return null;
        }

        Require(result, StartSet);
        return id;
    }

    public override Guid Add(string volume)
    {
        Guid id = default;
        fixed (char* name = volume)
        {
            Require(Raw->AddToSnapshotSet(name, default, &id), AddTo(volume));
        }

        return id;
    }

    public override void Prepare(CancellationToken cancellation) =>
        Finish(operation => Raw->PrepareForBackup(operation), PrepareWriters, cancellation);

    public override void DoSet(CancellationToken cancellation) =>
        Finish(operation => Raw->DoSnapshotSet(operation), MakeSnapshots, cancellation);

    public override void Complete(CancellationToken cancellation) =>
        Finish(operation => Raw->BackupComplete(operation), TellComplete, cancellation);

    public override VolumeSnapshot Snapshot(Guid id, string volume)
    {
        VSS_SNAPSHOT_PROP properties = default;
        Require(Raw->GetSnapshotProperties(id, &properties), AskDevice(volume));
        try
        {
            var device = properties.m_pwszSnapshotDeviceObject == null ? "" : new string(properties.m_pwszSnapshotDeviceObject);
            return Made(volume, device, id, Time(properties.m_tsCreationTimestamp));
        }
        finally
        {
            api.VssFreeSnapshotPropertiesInternal(&properties);
        }
    }

    public override int Abort() => Raw->AbortBackup();

    public override int Delete(Guid set)
    {
        var deleted = 0;
        Guid left = default;
        return Raw->DeleteSnapshots(set, VSS_OBJECT_TYPE.VSS_OBJECT_SNAPSHOT_SET, BOOL.TRUE, &deleted, &left);
    }

    public override void Dispose() => components.Dispose();

    private static VssApi Load(string? library)
    {
        try
        {
            return library is null ? VssApi.Load() : VssApi.LoadFrom(library);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            throw VssErrors.NoVss(e.Message.TrimEnd('.'));
        }
    }

    private static DateTimeOffset Time(long stamp) =>
        stamp > 0 && stamp < DateTime.MaxValue.ToFileTimeUtc() ? DateTimeOffset.FromFileTime(stamp).ToUniversalTime() : default;

    private static string TakeString(char* text)
    {
        try
        {
            return text == null ? "" : new string(text);
        }
        finally
        {
            Marshal.FreeBSTR((nint)text);
        }
    }

    private static void Require(HRESULT result, string step)
    {
        if (result.FAILED)
        {
            throw VssErrors.Failure(step, result);
        }
    }

    private string WriterName(uint index, string step)
    {
        Guid instance = default;
        IVssExamineWriterMetadata* found = null;
        Require(Raw->GetWriterMetadata(index, &instance, &found), step);
        using var metadata = new SafeComHandle(found);
        Guid writer = default;
        char* name = null;
        VSS_USAGE_TYPE usage = default;
        VSS_SOURCE_TYPE source = default;
        Require(found->GetIdentity(&instance, &writer, &name, &usage, &source), step);
        return TakeString(name);
    }

    private void Finish(AsyncCall call, string step, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        IVssAsync* begun = null;
        Require(call(&begun), step);
        using var operation = new SafeComHandle(begun);
        VssAsyncWait.Finish(operation, step, time, cancellation);
    }
}
