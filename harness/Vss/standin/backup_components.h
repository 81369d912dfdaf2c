// IVssBackupComponents: the real interface, with every call in the log and the order of calls checked as VSS checks it.
#pragma once

#include "operation.h"
#include "writer.h"

class BackupComponents : public IVssBackupComponents {
public:
    BackupComponents();
    virtual ~BackupComponents();

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void **object) override;
    ULONG STDMETHODCALLTYPE AddRef() override;
    ULONG STDMETHODCALLTYPE Release() override;

    HRESULT STDMETHODCALLTYPE InitializeForBackup(BSTR bstrXML) override;
    HRESULT STDMETHODCALLTYPE SetBackupState(boolean bSelectComponents, boolean bBackupBootableSystemState, VSS_BACKUP_TYPE backupType, boolean bPartialFileSupport) override;
    HRESULT STDMETHODCALLTYPE GatherWriterMetadata(IVssAsync **pAsync) override;
    HRESULT STDMETHODCALLTYPE GetWriterMetadataCount(UINT *pcWriters) override;
    HRESULT STDMETHODCALLTYPE GetWriterMetadata(UINT iWriter, VSS_ID *pidInstance, IVssExamineWriterMetadata **ppMetadata) override;
    HRESULT STDMETHODCALLTYPE FreeWriterMetadata() override;
    HRESULT STDMETHODCALLTYPE PrepareForBackup(IVssAsync **ppAsync) override;
    HRESULT STDMETHODCALLTYPE AbortBackup() override;
    HRESULT STDMETHODCALLTYPE GatherWriterStatus(IVssAsync **pAsync) override;
    HRESULT STDMETHODCALLTYPE GetWriterStatusCount(UINT *pcWriters) override;
    HRESULT STDMETHODCALLTYPE FreeWriterStatus() override;
    HRESULT STDMETHODCALLTYPE GetWriterStatus(UINT iWriter, VSS_ID *pidInstance, VSS_ID *pidWriter, BSTR *pbstrWriter, VSS_WRITER_STATE *pnStatus, HRESULT *phResultFailure) override;
    HRESULT STDMETHODCALLTYPE BackupComplete(IVssAsync **ppAsync) override;
    HRESULT STDMETHODCALLTYPE SetContext(LONG lContext) override;
    HRESULT STDMETHODCALLTYPE StartSnapshotSet(VSS_ID *pSnapshotSetId) override;
    HRESULT STDMETHODCALLTYPE AddToSnapshotSet(VSS_PWSZ pwszVolumeName, VSS_ID ProviderId, VSS_ID *pidSnapshot) override;
    HRESULT STDMETHODCALLTYPE DoSnapshotSet(IVssAsync **ppAsync) override;
    HRESULT STDMETHODCALLTYPE DeleteSnapshots(VSS_ID SourceObjectId, VSS_OBJECT_TYPE eSourceObjectType, WINBOOL bForceDelete, LONG *plDeletedSnapshots, VSS_ID *pNondeletedSnapshotID) override;
    HRESULT STDMETHODCALLTYPE GetSnapshotProperties(VSS_ID SnapshotId, VSS_SNAPSHOT_PROP *pProp) override;
    HRESULT STDMETHODCALLTYPE IsVolumeSupported(VSS_ID ProviderId, VSS_PWSZ pwszVolumeName, WINBOOL *pbSupportedByThisProvider) override;

    // Not a requester of whole volumes' business.
    HRESULT STDMETHODCALLTYPE GetWriterComponentsCount(UINT *) override { return Unexpected("GetWriterComponentsCount"); }
    HRESULT STDMETHODCALLTYPE GetWriterComponents(UINT, IVssWriterComponentsExt **) override { return Unexpected("GetWriterComponents"); }
    HRESULT STDMETHODCALLTYPE InitializeForRestore(BSTR) override { return Unexpected("InitializeForRestore"); }
    HRESULT STDMETHODCALLTYPE SetRestoreState(VSS_RESTORE_TYPE) override { return Unexpected("SetRestoreState"); }
    HRESULT STDMETHODCALLTYPE AddComponent(VSS_ID, VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR, LPCWSTR) override { return Unexpected("AddComponent"); }
    HRESULT STDMETHODCALLTYPE SetBackupSucceeded(VSS_ID, VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR, LPCWSTR, boolean) override { return Unexpected("SetBackupSucceeded"); }
    HRESULT STDMETHODCALLTYPE SetBackupOptions(VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR, LPCWSTR, LPCWSTR) override { return Unexpected("SetBackupOptions"); }
    HRESULT STDMETHODCALLTYPE SetSelectedForRestore(VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR, LPCWSTR, boolean) override { return Unexpected("SetSelectedForRestore"); }
    HRESULT STDMETHODCALLTYPE SetRestoreOptions(VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR, LPCWSTR, LPCWSTR) override { return Unexpected("SetRestoreOptions"); }
    HRESULT STDMETHODCALLTYPE SetAdditionalRestores(VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR, LPCWSTR, boolean) override { return Unexpected("SetAdditionalRestores"); }
    HRESULT STDMETHODCALLTYPE SetPreviousBackupStamp(VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR, LPCWSTR, LPCWSTR) override { return Unexpected("SetPreviousBackupStamp"); }
    HRESULT STDMETHODCALLTYPE SaveAsXML(BSTR *) override { return Unexpected("SaveAsXML"); }
    HRESULT STDMETHODCALLTYPE AddAlternativeLocationMapping(VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR, LPCWSTR, LPCWSTR, LPCWSTR, boolean, LPCWSTR) override { return Unexpected("AddAlternativeLocationMapping"); }
    HRESULT STDMETHODCALLTYPE AddRestoreSubcomponent(VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR, LPCWSTR, LPCWSTR, LPCWSTR, boolean) override { return Unexpected("AddRestoreSubcomponent"); }
    HRESULT STDMETHODCALLTYPE SetFileRestoreStatus(VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR, LPCWSTR, VSS_FILE_RESTORE_STATUS) override { return Unexpected("SetFileRestoreStatus"); }
    HRESULT STDMETHODCALLTYPE AddNewTarget(VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR, LPCWSTR, LPCWSTR, LPCWSTR, boolean, LPCWSTR) override { return Unexpected("AddNewTarget"); }
    HRESULT STDMETHODCALLTYPE SetRangesFilePath(VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR, LPCWSTR, UINT, LPCWSTR) override { return Unexpected("SetRangesFilePath"); }
    HRESULT STDMETHODCALLTYPE PreRestore(IVssAsync **) override { return Unexpected("PreRestore"); }
    HRESULT STDMETHODCALLTYPE PostRestore(IVssAsync **) override { return Unexpected("PostRestore"); }
    HRESULT STDMETHODCALLTYPE ImportSnapshots(IVssAsync **) override { return Unexpected("ImportSnapshots"); }
    HRESULT STDMETHODCALLTYPE BreakSnapshotSet(VSS_ID) override { return Unexpected("BreakSnapshotSet"); }
    HRESULT STDMETHODCALLTYPE Query(VSS_ID, VSS_OBJECT_TYPE, VSS_OBJECT_TYPE, IVssEnumObject **) override { return Unexpected("Query"); }
    HRESULT STDMETHODCALLTYPE DisableWriterClasses(const VSS_ID *, UINT) override { return Unexpected("DisableWriterClasses"); }
    HRESULT STDMETHODCALLTYPE EnableWriterClasses(const VSS_ID *, UINT) override { return Unexpected("EnableWriterClasses"); }
    HRESULT STDMETHODCALLTYPE DisableWriterInstances(const VSS_ID *, UINT) override { return Unexpected("DisableWriterInstances"); }
    HRESULT STDMETHODCALLTYPE ExposeSnapshot(VSS_ID, VSS_PWSZ, LONG, VSS_PWSZ, VSS_PWSZ *) override { return Unexpected("ExposeSnapshot"); }
    HRESULT STDMETHODCALLTYPE RevertToSnapshot(VSS_ID, WINBOOL) override { return Unexpected("RevertToSnapshot"); }
    HRESULT STDMETHODCALLTYPE QueryRevertStatus(VSS_PWSZ, IVssAsync **) override { return Unexpected("QueryRevertStatus"); }

private:
    struct Snapshot {
        GUID id;
        std::wstring volume;
        std::wstring device;
    };

    // Logs a call; what it was told to fail with, or VSS_E_BAD_STATE if it comes out of order.
    HRESULT Enter(const char *method, bool inOrder, const std::string &arguments = "");
    HRESULT Begin(const char *method, bool inOrder, IVssAsync **operation);
    static HRESULT Unexpected(const char *method);

    LONG references = 1;
    std::vector<Writer> writers;
    std::vector<Snapshot> snapshots;
    GUID set = {};
    Phase phase = Phase::Begun;
    bool initialized = false;
    bool contextSet = false;
    bool stateSet = false;
    bool metadataGathered = false;
    bool statusGathered = false;
    bool setStarted = false;
    bool deleted = false;
    int busy;
};
