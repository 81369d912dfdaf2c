#include "standin.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>

LONG liveAsyncs;
LONG liveMetadata;
LONG liveProperties;

// The CRT's copy of the environment is of the process's start; tests change it while they run.
std::wstring Setting(const wchar_t *name) {
    wchar_t value[4096];
    DWORD length = GetEnvironmentVariableW(name, value, 4096);
    return length > 0 && length < 4096 ? std::wstring(value, length) : std::wstring();
}

std::vector<std::wstring> Split(const std::wstring &text, wchar_t separator) {
    std::vector<std::wstring> parts;
    size_t begin = 0;
    while (begin < text.size()) {
        size_t end = text.find(separator, begin);
        if (end == std::wstring::npos) {
            end = text.size();
        }
        if (end > begin) {
            parts.push_back(text.substr(begin, end - begin));
        }
        begin = end + 1;
    }
    return parts;
}

std::string Narrow(const wchar_t *text) {
    if (!text) {
        return "null";
    }
    char narrow[1024];
    int length = WideCharToMultiByte(CP_UTF8, 0, text, -1, narrow, sizeof narrow, nullptr, nullptr);
    return length > 0 ? std::string(narrow) : std::string();
}

std::string Text(const GUID &id) {
    char text[64];
    snprintf(text, sizeof text, "%08lx-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x", (unsigned long)id.Data1, id.Data2, id.Data3,
             id.Data4[0], id.Data4[1], id.Data4[2], id.Data4[3], id.Data4[4], id.Data4[5], id.Data4[6], id.Data4[7]);
    return text;
}

void LogLine(const char *format, ...) {
    std::wstring path = Setting(L"VSS_STANDIN_LOG");
    if (path.empty()) {
        return;
    }
    char line[2048];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    if (length < 0) {
        return;
    }
    line[length] = '\n';
    HANDLE file = CreateFileW(path.c_str(), FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr, OPEN_ALWAYS, 0, nullptr);
    if (file == INVALID_HANDLE_VALUE) {
        return;
    }
    DWORD written;
    WriteFile(file, line, length + 1, &written, nullptr);
    CloseHandle(file);
}

// The value of "name=value" among parts separated by ';'.
static bool Find(const wchar_t *setting, const std::string &call, std::wstring &value) {
    for (const std::wstring &part : Split(Setting(setting), L';')) {
        size_t equals = part.find(L'=');
        if (equals != std::wstring::npos && Narrow(part.substr(0, equals).c_str()) == call) {
            value = part.substr(equals + 1);
            return true;
        }
    }
    return false;
}

HRESULT FailureOf(const std::string &call) {
    std::wstring value;
    return Find(L"VSS_STANDIN_FAIL", call, value) ? (HRESULT)wcstoul(value.c_str(), nullptr, 16) : S_OK;
}

long PendingOf(const std::string &call) {
    std::wstring value;
    return Find(L"VSS_STANDIN_PENDING", call, value) ? wcstol(value.c_str(), nullptr, 10) : 0;
}
