// A writer as it was told to be, and IVssExamineWriterMetadata of it.
#pragma once

#include "standin.h"

// What a backup has come to; writers fail from a phase on.
enum class Phase { Begun, Prepared, Snapshot, Complete };

struct Writer {
    std::wstring name;
    GUID id;
    GUID instance;
    bool fails = false;
    Phase from = Phase::Begun;
    VSS_WRITER_STATE state = VSS_WS_STABLE;
    HRESULT failure = S_OK;

    VSS_WRITER_STATE StateAt(Phase phase) const;
    HRESULT FailureAt(Phase phase) const;

    static std::vector<Writer> FromSettings();
};

class WriterMetadata : public IVssExamineWriterMetadata {
public:
    explicit WriterMetadata(const Writer &writer);
    virtual ~WriterMetadata();

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void **object) override;
    ULONG STDMETHODCALLTYPE AddRef() override;
    ULONG STDMETHODCALLTYPE Release() override;
    HRESULT STDMETHODCALLTYPE GetIdentity(VSS_ID *instance, VSS_ID *writer, BSTR *name, VSS_USAGE_TYPE *usage, VSS_SOURCE_TYPE *source) override;

    // Not a requester of whole volumes' business.
    HRESULT STDMETHODCALLTYPE GetFileCounts(UINT *, UINT *, UINT *) override { return Unexpected("GetFileCounts"); }
    HRESULT STDMETHODCALLTYPE GetIncludeFile(UINT, IVssWMFiledesc **) override { return Unexpected("GetIncludeFile"); }
    HRESULT STDMETHODCALLTYPE GetExcludeFile(UINT, IVssWMFiledesc **) override { return Unexpected("GetExcludeFile"); }
    HRESULT STDMETHODCALLTYPE GetComponent(UINT, IVssWMComponent **) override { return Unexpected("GetComponent"); }
    HRESULT STDMETHODCALLTYPE GetRestoreMethod(VSS_RESTOREMETHOD_ENUM *, BSTR *, BSTR *, VSS_WRITERRESTORE_ENUM *, boolean *, UINT *) override {
        return Unexpected("GetRestoreMethod");
    }
    HRESULT STDMETHODCALLTYPE GetAlternateLocationMapping(UINT, IVssWMFiledesc **) override { return Unexpected("GetAlternateLocationMapping"); }
    HRESULT STDMETHODCALLTYPE GetBackupSchema(DWORD *) override { return Unexpected("GetBackupSchema"); }
    HRESULT STDMETHODCALLTYPE GetDocument(IXMLDOMDocument **) override { return Unexpected("GetDocument"); }
    HRESULT STDMETHODCALLTYPE SaveAsXML(BSTR *) override { return Unexpected("SaveAsXML"); }
    HRESULT STDMETHODCALLTYPE LoadFromXML(BSTR) override { return Unexpected("LoadFromXML"); }

private:
    static HRESULT Unexpected(const char *method);

    Writer writer;
    LONG references = 1;
};
