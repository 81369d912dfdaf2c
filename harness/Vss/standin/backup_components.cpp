#include "backup_components.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

BackupComponents::BackupComponents() : writers(Writer::FromSettings()), busy((int)wcstol(Setting(L"VSS_STANDIN_BUSY").c_str(), nullptr, 10)) {}

BackupComponents::~BackupComponents() {
    LogLine("Release asyncs=%ld metadata=%ld properties=%ld snapshots=%s", liveAsyncs, liveMetadata, liveProperties,
            phase >= Phase::Snapshot && !deleted ? "left" : "none");
}

HRESULT BackupComponents::QueryInterface(REFIID riid, void **object) {
    if (riid == __uuidof(IUnknown) || riid == __uuidof(IVssBackupComponents)) {
        *object = this;
        AddRef();
        return S_OK;
    }
    *object = nullptr;
    return E_NOINTERFACE;
}

ULONG BackupComponents::AddRef() { return InterlockedIncrement(&references); }

ULONG BackupComponents::Release() {
    LONG left = InterlockedDecrement(&references);
    if (left == 0) {
        delete this;
    }
    return left;
}

HRESULT BackupComponents::Enter(const char *method, bool inOrder, const std::string &arguments) {
    LogLine("%s%s%s", method, arguments.empty() ? "" : " ", arguments.c_str());
    HRESULT failure = FailureOf(method);
    if (FAILED(failure)) {
        return failure;
    }
    if (!inOrder) {
        LogLine("OUT OF ORDER %s", method);
        return VSS_E_BAD_STATE;
    }
    return S_OK;
}

HRESULT BackupComponents::Begin(const char *method, bool inOrder, IVssAsync **operation) {
    HRESULT result = Enter(method, inOrder);
    if (SUCCEEDED(result)) {
        *operation = new Operation(method);
    }
    return result;
}

HRESULT BackupComponents::Unexpected(const char *method) {
    LogLine("UNEXPECTED IVssBackupComponents::%s", method);
    return E_NOTIMPL;
}

HRESULT BackupComponents::InitializeForBackup(BSTR bstrXML) {
    HRESULT result = Enter("InitializeForBackup", !initialized, Narrow(bstrXML));
    initialized |= SUCCEEDED(result);
    return result;
}

HRESULT BackupComponents::SetContext(LONG lContext) {
    char text[32];
    snprintf(text, sizeof text, "%ld", lContext);
    HRESULT result = Enter("SetContext", initialized && !contextSet && !metadataGathered, text);
    contextSet |= SUCCEEDED(result);
    return result;
}

HRESULT BackupComponents::SetBackupState(boolean bSelectComponents, boolean bBackupBootableSystemState, VSS_BACKUP_TYPE backupType, boolean bPartialFileSupport) {
    char text[64];
    snprintf(text, sizeof text, "%d %d %d %d", bSelectComponents, bBackupBootableSystemState, (int)backupType, bPartialFileSupport);
    HRESULT result = Enter("SetBackupState", initialized && phase == Phase::Begun, text);
    stateSet |= SUCCEEDED(result);
    return result;
}

HRESULT BackupComponents::GatherWriterMetadata(IVssAsync **pAsync) {
    HRESULT result = Begin("GatherWriterMetadata", initialized && !metadataGathered, pAsync);
    metadataGathered |= SUCCEEDED(result);
    return result;
}

HRESULT BackupComponents::GetWriterMetadataCount(UINT *pcWriters) {
    HRESULT result = Enter("GetWriterMetadataCount", metadataGathered);
    *pcWriters = SUCCEEDED(result) ? (UINT)writers.size() : 0;
    return result;
}

HRESULT BackupComponents::GetWriterMetadata(UINT iWriter, VSS_ID *pidInstance, IVssExamineWriterMetadata **ppMetadata) {
    HRESULT result = Enter("GetWriterMetadata", metadataGathered && iWriter < writers.size(), std::to_string(iWriter));
    if (SUCCEEDED(result)) {
        *pidInstance = writers[iWriter].instance;
        *ppMetadata = new WriterMetadata(writers[iWriter]);
    }
    return result;
}

HRESULT BackupComponents::FreeWriterMetadata() { return Enter("FreeWriterMetadata", metadataGathered); }

HRESULT BackupComponents::IsVolumeSupported(VSS_ID ProviderId, VSS_PWSZ pwszVolumeName, WINBOOL *pbSupportedByThisProvider) {
    HRESULT result = Enter("IsVolumeSupported", initialized, Text(ProviderId) + " " + Narrow(pwszVolumeName));
    *pbSupportedByThisProvider = SUCCEEDED(result) && Setting(L"VSS_STANDIN_UNSUPPORTED") != pwszVolumeName;
    return result;
}

HRESULT BackupComponents::StartSnapshotSet(VSS_ID *pSnapshotSetId) {
    HRESULT result = Enter("StartSnapshotSet", metadataGathered && !setStarted);
    if (SUCCEEDED(result) && busy > 0) {
        busy--;
        return VSS_E_SNAPSHOT_SET_IN_PROGRESS;
    }
    if (SUCCEEDED(result)) {
        setStarted = true;
        set = GUID{0x5e70000, 0x1111, 0x2222, {1, 2, 3, 4, 5, 6, 7, 8}};
        *pSnapshotSetId = set;
    }
    return result;
}

HRESULT BackupComponents::AddToSnapshotSet(VSS_PWSZ pwszVolumeName, VSS_ID ProviderId, VSS_ID *pidSnapshot) {
    HRESULT result = Enter("AddToSnapshotSet", setStarted && phase == Phase::Begun, Narrow(pwszVolumeName) + " " + Text(ProviderId));
    if (FAILED(result)) {
        return result;
    }
    size_t length = wcslen(pwszVolumeName);
    if (length == 0 || pwszVolumeName[length - 1] != L'\\') {
        return VSS_E_OBJECT_NOT_FOUND;
    }
    std::vector<std::wstring> devices = Split(Setting(L"VSS_STANDIN_DEVICES"), L';');
    Snapshot snapshot;
    snapshot.id = GUID{0x5a000000u + (DWORD)snapshots.size(), 0x1111, 0x2222, {1, 2, 3, 4, 5, 6, 7, 8}};
    snapshot.volume = pwszVolumeName;
    snapshot.device = snapshots.size() < devices.size() ? devices[snapshots.size()] : L"";
    *pidSnapshot = snapshot.id;
    snapshots.push_back(snapshot);
    return S_OK;
}

HRESULT BackupComponents::PrepareForBackup(IVssAsync **ppAsync) {
    HRESULT result = Begin("PrepareForBackup", stateSet && setStarted && !snapshots.empty() && phase == Phase::Begun, ppAsync);
    if (SUCCEEDED(result)) {
        phase = Phase::Prepared;
    }
    return result;
}

HRESULT BackupComponents::DoSnapshotSet(IVssAsync **ppAsync) {
    HRESULT result = Begin("DoSnapshotSet", phase == Phase::Prepared, ppAsync);
    if (SUCCEEDED(result) && SUCCEEDED(FailureOf("DoSnapshotSet.async"))) {
        phase = Phase::Snapshot;
    }
    return result;
}

HRESULT BackupComponents::GetSnapshotProperties(VSS_ID SnapshotId, VSS_SNAPSHOT_PROP *pProp) {
    HRESULT result = Enter("GetSnapshotProperties", phase >= Phase::Snapshot, Text(SnapshotId));
    if (FAILED(result)) {
        return result;
    }
    for (const Snapshot &snapshot : snapshots) {
        if (snapshot.id == SnapshotId) {
            memset(pProp, 0, sizeof *pProp);
            pProp->m_SnapshotId = snapshot.id;
            pProp->m_SnapshotSetId = set;
            pProp->m_lSnapshotsCount = (LONG)snapshots.size();
            pProp->m_pwszSnapshotDeviceObject = _wcsdup(snapshot.device.c_str());
            pProp->m_pwszOriginalVolumeName = _wcsdup(snapshot.volume.c_str());
            // 2026-01-02 03:04:05 UTC.
            pProp->m_tsCreationTimestamp = 134117966450000000LL;
            pProp->m_eStatus = VSS_SS_CREATED;
            InterlockedIncrement(&liveProperties);
            return S_OK;
        }
    }
    return VSS_E_OBJECT_NOT_FOUND;
}

HRESULT BackupComponents::GatherWriterStatus(IVssAsync **pAsync) {
    HRESULT result = Begin("GatherWriterStatus", phase >= Phase::Prepared, pAsync);
    statusGathered |= SUCCEEDED(result);
    return result;
}

HRESULT BackupComponents::GetWriterStatusCount(UINT *pcWriters) {
    HRESULT result = Enter("GetWriterStatusCount", statusGathered);
    *pcWriters = SUCCEEDED(result) ? (UINT)writers.size() : 0;
    return result;
}

HRESULT BackupComponents::GetWriterStatus(UINT iWriter, VSS_ID *pidInstance, VSS_ID *pidWriter, BSTR *pbstrWriter, VSS_WRITER_STATE *pnStatus, HRESULT *phResultFailure) {
    HRESULT result = Enter("GetWriterStatus", statusGathered && iWriter < writers.size(), std::to_string(iWriter));
    if (SUCCEEDED(result)) {
        const Writer &writer = writers[iWriter];
        *pidInstance = writer.instance;
        *pidWriter = writer.id;
        *pbstrWriter = SysAllocString(writer.name.c_str());
        *pnStatus = writer.StateAt(phase);
        *phResultFailure = writer.FailureAt(phase);
    }
    return result;
}

HRESULT BackupComponents::FreeWriterStatus() {
    HRESULT result = Enter("FreeWriterStatus", statusGathered);
    statusGathered = false;
    return result;
}

HRESULT BackupComponents::BackupComplete(IVssAsync **ppAsync) {
    HRESULT result = Begin("BackupComplete", phase == Phase::Snapshot, ppAsync);
    if (SUCCEEDED(result)) {
        phase = Phase::Complete;
    }
    return result;
}

HRESULT BackupComponents::AbortBackup() { return Enter("AbortBackup", initialized); }

HRESULT BackupComponents::DeleteSnapshots(VSS_ID SourceObjectId, VSS_OBJECT_TYPE eSourceObjectType, WINBOOL bForceDelete, LONG *plDeletedSnapshots, VSS_ID *pNondeletedSnapshotID) {
    char text[128];
    snprintf(text, sizeof text, "%s %d %d", SourceObjectId == set ? "set" : Text(SourceObjectId).c_str(), (int)eSourceObjectType, bForceDelete);
    HRESULT result = Enter("DeleteSnapshots", initialized, text);
    if (FAILED(result)) {
        *plDeletedSnapshots = 0;
        *pNondeletedSnapshotID = snapshots.empty() ? GUID{} : snapshots[0].id;
        return result;
    }
    if (phase < Phase::Snapshot || deleted || SourceObjectId != set || eSourceObjectType != VSS_OBJECT_SNAPSHOT_SET) {
        return VSS_E_OBJECT_NOT_FOUND;
    }
    deleted = true;
    *plDeletedSnapshots = (LONG)snapshots.size();
    return S_OK;
}

extern "C" {

HRESULT STDAPICALLTYPE CreateVssBackupComponentsInternal(IVssBackupComponents **ppBackup) {
    LogLine("CreateVssBackupComponents");
    HRESULT failure = FailureOf("CreateVssBackupComponents");
    if (FAILED(failure)) {
        return failure;
    }
    *ppBackup = new BackupComponents();
    return S_OK;
}

void APIENTRY VssFreeSnapshotPropertiesInternal(VSS_SNAPSHOT_PROP *pProp) {
    LogLine("VssFreeSnapshotProperties");
    free(pProp->m_pwszSnapshotDeviceObject);
    free(pProp->m_pwszOriginalVolumeName);
    InterlockedDecrement(&liveProperties);
}

}
