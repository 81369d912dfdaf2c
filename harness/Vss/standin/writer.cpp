#include "writer.h"

#include <cstdlib>

VSS_WRITER_STATE Writer::StateAt(Phase phase) const {
    if (fails && phase >= from) {
        return state;
    }
    switch (phase) {
    case Phase::Prepared:
        return VSS_WS_WAITING_FOR_FREEZE;
    case Phase::Snapshot:
        return VSS_WS_WAITING_FOR_BACKUP_COMPLETE;
    default:
        return VSS_WS_STABLE;
    }
}

HRESULT Writer::FailureAt(Phase phase) const { return fails && phase >= from ? failure : S_OK; }

std::vector<Writer> Writer::FromSettings() {
    std::vector<Writer> writers;
    for (const std::wstring &part : Split(Setting(L"VSS_STANDIN_WRITERS"), L';')) {
        Writer writer;
        size_t equals = part.find(L'=');
        writer.name = part.substr(0, equals);
        writer.id = GUID{0x10000000u + (DWORD)writers.size(), 0x1111, 0x2222, {1, 2, 3, 4, 5, 6, 7, 8}};
        writer.instance = GUID{0x20000000u + (DWORD)writers.size(), 0x1111, 0x2222, {1, 2, 3, 4, 5, 6, 7, 8}};
        if (equals != std::wstring::npos) {
            std::vector<std::wstring> fields = Split(part.substr(equals + 1), L':');
            writer.fails = true;
            writer.from = fields[0] == L"prepare" ? Phase::Prepared : fields[0] == L"snapshot" ? Phase::Snapshot : Phase::Complete;
            writer.state = (VSS_WRITER_STATE)wcstol(fields[1].c_str(), nullptr, 10);
            writer.failure = (HRESULT)wcstoul(fields[2].c_str(), nullptr, 16);
        }
        writers.push_back(writer);
    }
    return writers;
}

WriterMetadata::WriterMetadata(const Writer &writer) : writer(writer) { InterlockedIncrement(&liveMetadata); }

WriterMetadata::~WriterMetadata() { InterlockedDecrement(&liveMetadata); }

HRESULT WriterMetadata::QueryInterface(REFIID riid, void **object) {
    if (riid == __uuidof(IUnknown) || riid == __uuidof(IVssExamineWriterMetadata)) {
        *object = this;
        AddRef();
        return S_OK;
    }
    *object = nullptr;
    return E_NOINTERFACE;
}

ULONG WriterMetadata::AddRef() { return InterlockedIncrement(&references); }

ULONG WriterMetadata::Release() {
    LONG left = InterlockedDecrement(&references);
    if (left == 0) {
        delete this;
    }
    return left;
}

HRESULT WriterMetadata::GetIdentity(VSS_ID *instance, VSS_ID *id, BSTR *name, VSS_USAGE_TYPE *usage, VSS_SOURCE_TYPE *source) {
    HRESULT failure = FailureOf("GetIdentity");
    LogLine("GetIdentity %s", Narrow(writer.name.c_str()).c_str());
    if (FAILED(failure)) {
        return failure;
    }
    *instance = writer.instance;
    *id = writer.id;
    *name = SysAllocString(writer.name.c_str());
    *usage = VSS_UT_USERDATA;
    *source = VSS_ST_TRANSACTEDDB;
    return S_OK;
}

HRESULT WriterMetadata::Unexpected(const char *method) {
    LogLine("UNEXPECTED IVssExamineWriterMetadata::%s", method);
    return E_NOTIMPL;
}
