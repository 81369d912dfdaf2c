// IVssAsync: an operation that takes as long as it was told to, and ends as it was told to.
#pragma once

#include "standin.h"

class Operation : public IVssAsync {
public:
    Operation(const std::string &name);
    virtual ~Operation();

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void **object) override;
    ULONG STDMETHODCALLTYPE AddRef() override;
    ULONG STDMETHODCALLTYPE Release() override;
    HRESULT STDMETHODCALLTYPE Cancel() override;
    HRESULT STDMETHODCALLTYPE Wait(DWORD milliseconds) override;
    HRESULT STDMETHODCALLTYPE QueryStatus(HRESULT *result, INT *reserved) override;

private:
    bool Ended() const;

    std::string name;
    LONG references = 1;
    long pending;
    ULONGLONG began;
    bool cancelled = false;
};
