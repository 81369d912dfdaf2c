using TerraFX.Interop.Windows;
using VSS_ID = System.Guid;

namespace Tidemark.Interop.Windows;

/// <summary>
/// A requester's side of one backup (vsbackup.h), as far as it is used. A boolean of the header is one byte, a BSTR that
/// comes out is freed by the caller, and an interface that comes out is a reference of the caller's.
/// </summary>
public unsafe struct IVssBackupComponents
{
    public void** lpVtbl;

    public HRESULT InitializeForBackup(char* bstrXML)
    {
        fixed (IVssBackupComponents* self = &this)
        {
            return ((delegate* unmanaged[Stdcall]<IVssBackupComponents*, char*, HRESULT>)lpVtbl[5])(
                self, bstrXML);
        }
    }

    public HRESULT SetBackupState(
        byte bSelectComponents, byte bBackupBootableSystemState, VSS_BACKUP_TYPE backupType, byte bPartialFileSupport)
    {
        fixed (IVssBackupComponents* self = &this)
        {
            return ((delegate* unmanaged[Stdcall]<IVssBackupComponents*, byte, byte, VSS_BACKUP_TYPE, byte, HRESULT>)lpVtbl[6])(
                self, bSelectComponents, bBackupBootableSystemState, backupType, bPartialFileSupport);
        }
    }

    public HRESULT GatherWriterMetadata(IVssAsync** pAsync)
    {
        fixed (IVssBackupComponents* self = &this)
        {
            return ((delegate* unmanaged[Stdcall]<IVssBackupComponents*, IVssAsync**, HRESULT>)lpVtbl[9])(
                self, pAsync);
        }
    }

    public HRESULT GetWriterMetadataCount(uint* pcWriters)
    {
        fixed (IVssBackupComponents* self = &this)
        {
            return ((delegate* unmanaged[Stdcall]<IVssBackupComponents*, uint*, HRESULT>)lpVtbl[10])(
                self, pcWriters);
        }
    }

    public HRESULT GetWriterMetadata(uint iWriter, VSS_ID* pidInstance, IVssExamineWriterMetadata** ppMetadata)
    {
        fixed (IVssBackupComponents* self = &this)
        {
            return ((delegate* unmanaged[Stdcall]<IVssBackupComponents*, uint, VSS_ID*, IVssExamineWriterMetadata**, HRESULT>)lpVtbl[11])(
                self, iWriter, pidInstance, ppMetadata);
        }
    }

    public HRESULT FreeWriterMetadata()
    {
        fixed (IVssBackupComponents* self = &this)
        {
            return ((delegate* unmanaged[Stdcall]<IVssBackupComponents*, HRESULT>)lpVtbl[12])(
                self);
        }
    }

    public HRESULT PrepareForBackup(IVssAsync** ppAsync)
    {
        fixed (IVssBackupComponents* self = &this)
        {
            return ((delegate* unmanaged[Stdcall]<IVssBackupComponents*, IVssAsync**, HRESULT>)lpVtbl[14])(
                self, ppAsync);
        }
    }

    public HRESULT AbortBackup()
    {
        fixed (IVssBackupComponents* self = &this)
        {
            return ((delegate* unmanaged[Stdcall]<IVssBackupComponents*, HRESULT>)lpVtbl[15])(
                self);
        }
    }

    public HRESULT GatherWriterStatus(IVssAsync** pAsync)
    {
        fixed (IVssBackupComponents* self = &this)
        {
            return ((delegate* unmanaged[Stdcall]<IVssBackupComponents*, IVssAsync**, HRESULT>)lpVtbl[16])(
                self, pAsync);
        }
    }

    public HRESULT GetWriterStatusCount(uint* pcWriters)
    {
        fixed (IVssBackupComponents* self = &this)
        {
            return ((delegate* unmanaged[Stdcall]<IVssBackupComponents*, uint*, HRESULT>)lpVtbl[17])(
                self, pcWriters);
        }
    }

    public HRESULT FreeWriterStatus()
    {
        fixed (IVssBackupComponents* self = &this)
        {
            return ((delegate* unmanaged[Stdcall]<IVssBackupComponents*, HRESULT>)lpVtbl[18])(
                self);
        }
    }

    public HRESULT GetWriterStatus(
        uint iWriter, VSS_ID* pidInstance, VSS_ID* pidWriter, char** pbstrWriter, VSS_WRITER_STATE* pnStatus, HRESULT* phResultFailure)
    {
        fixed (IVssBackupComponents* self = &this)
        {
            return ((delegate* unmanaged[Stdcall]<IVssBackupComponents*, uint, VSS_ID*, VSS_ID*, char**, VSS_WRITER_STATE*, HRESULT*, HRESULT>)lpVtbl[19])(
                self, iWriter, pidInstance, pidWriter, pbstrWriter, pnStatus, phResultFailure);
        }
    }

    public HRESULT BackupComplete(IVssAsync** ppAsync)
    {
        fixed (IVssBackupComponents* self = &this)
        {
            return ((delegate* unmanaged[Stdcall]<IVssBackupComponents*, IVssAsync**, HRESULT>)lpVtbl[27])(
                self, ppAsync);
        }
    }

    public HRESULT SetContext(int lContext)
    {
        fixed (IVssBackupComponents* self = &this)
        {
            return ((delegate* unmanaged[Stdcall]<IVssBackupComponents*, int, HRESULT>)lpVtbl[35])(
                self, lContext);
        }
    }

    public HRESULT StartSnapshotSet(VSS_ID* pSnapshotSetId)
    {
        fixed (IVssBackupComponents* self = &this)
        {
            return ((delegate* unmanaged[Stdcall]<IVssBackupComponents*, VSS_ID*, HRESULT>)lpVtbl[36])(
                self, pSnapshotSetId);
        }
    }

    public HRESULT AddToSnapshotSet(char* pwszVolumeName, VSS_ID ProviderId, VSS_ID* pidSnapshot)
    {
        fixed (IVssBackupComponents* self = &this)
        {
            return ((delegate* unmanaged[Stdcall]<IVssBackupComponents*, char*, VSS_ID, VSS_ID*, HRESULT>)lpVtbl[37])(
                self, pwszVolumeName, ProviderId, pidSnapshot);
        }
    }

    public HRESULT DoSnapshotSet(IVssAsync** ppAsync)
    {
        fixed (IVssBackupComponents* self = &this)
        {
            return ((delegate* unmanaged[Stdcall]<IVssBackupComponents*, IVssAsync**, HRESULT>)lpVtbl[38])(
                self, ppAsync);
        }
    }

    public HRESULT DeleteSnapshots(
        VSS_ID SourceObjectId, VSS_OBJECT_TYPE eSourceObjectType, BOOL bForceDelete, int* plDeletedSnapshots, VSS_ID* pNondeletedSnapshotID)
    {
        fixed (IVssBackupComponents* self = &this)
        {
            return ((delegate* unmanaged[Stdcall]<IVssBackupComponents*, VSS_ID, VSS_OBJECT_TYPE, BOOL, int*, VSS_ID*, HRESULT>)lpVtbl[39])(
                self, SourceObjectId, eSourceObjectType, bForceDelete, plDeletedSnapshots, pNondeletedSnapshotID);
        }
    }

    public HRESULT GetSnapshotProperties(VSS_ID SnapshotId, VSS_SNAPSHOT_PROP* pProp)
    {
        fixed (IVssBackupComponents* self = &this)
        {
            return ((delegate* unmanaged[Stdcall]<IVssBackupComponents*, VSS_ID, VSS_SNAPSHOT_PROP*, HRESULT>)lpVtbl[42])(
                self, SnapshotId, pProp);
        }
    }

    public HRESULT IsVolumeSupported(VSS_ID ProviderId, char* pwszVolumeName, BOOL* pbSupportedByThisProvider)
    {
        fixed (IVssBackupComponents* self = &this)
        {
            return ((delegate* unmanaged[Stdcall]<IVssBackupComponents*, VSS_ID, char*, BOOL*, HRESULT>)lpVtbl[44])(
                self, ProviderId, pwszVolumeName, pbSupportedByThisProvider);
        }
    }
}
