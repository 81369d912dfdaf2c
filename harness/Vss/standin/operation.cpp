#include "operation.h"

Operation::Operation(const std::string &name) : name(name), pending(PendingOf(name)), began(GetTickCount64()) {
    InterlockedIncrement(&liveAsyncs);
}

Operation::~Operation() { InterlockedDecrement(&liveAsyncs); }

HRESULT Operation::QueryInterface(REFIID riid, void **object) {
    if (riid == __uuidof(IUnknown) || riid == __uuidof(IVssAsync)) {
        *object = this;
        AddRef();
        return S_OK;
    }
    *object = nullptr;
    return E_NOINTERFACE;
}

ULONG Operation::AddRef() { return InterlockedIncrement(&references); }

ULONG Operation::Release() {
    LONG left = InterlockedDecrement(&references);
    if (left == 0) {
        LogLine("%s.Release", name.c_str());
        delete this;
    }
    return left;
}

bool Operation::Ended() const { return cancelled || (pending >= 0 && GetTickCount64() - began >= (ULONGLONG)pending); }

HRESULT Operation::Cancel() {
    HRESULT failure = FailureOf(name + ".Cancel");
    LogLine("%s.Cancel", name.c_str());
    if (FAILED(failure)) {
        return failure;
    }
    if (Ended()) {
        return VSS_S_ASYNC_FINISHED;
    }
    cancelled = true;
    return VSS_S_ASYNC_CANCELLED;
}

HRESULT Operation::Wait(DWORD milliseconds) {
    HRESULT failure = FailureOf(name + ".Wait");
    if (FAILED(failure)) {
        return failure;
    }
    ULONGLONG entered = GetTickCount64();
    while (!Ended() && GetTickCount64() - entered < milliseconds) {
        Sleep(5);
    }
    return S_OK;
}

HRESULT Operation::QueryStatus(HRESULT *result, INT *) {
    HRESULT failure = FailureOf(name + ".QueryStatus");
    if (FAILED(failure)) {
        return failure;
    }
    failure = FailureOf(name + ".async");
    *result = cancelled ? VSS_S_ASYNC_CANCELLED : !Ended() ? VSS_S_ASYNC_PENDING : FAILED(failure) ? failure : VSS_S_ASYNC_FINISHED;
    return S_OK;
}
