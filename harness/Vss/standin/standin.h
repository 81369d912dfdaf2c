// A stand-in for vssapi.dll, built against the header that lays out the real one's interfaces.
//
// Environment (read anew for every backup):
//   VSS_STANDIN_LOG          file that every call is appended to, one a line, with its arguments
//   VSS_STANDIN_DEVICES      devices handed out for the volumes, in the order they are added, separated by ';'
//   VSS_STANDIN_FAIL         "Method=8004230F;DoSnapshotSet.async=..." : a call, or the operation it began, fails so
//   VSS_STANDIN_PENDING      "PrepareForBackup=5000;..." : milliseconds an operation takes; "-1" is for ever
//   VSS_STANDIN_WRITERS      "Name=phase:state:hresult;..." : a writer in a failed state from a phase on
//                            (prepare, snapshot, complete); "Name" alone is a writer that stays well
//   VSS_STANDIN_BUSY         how many StartSnapshotSet are answered with VSS_E_SNAPSHOT_SET_IN_PROGRESS
//   VSS_STANDIN_UNSUPPORTED  the volume that no provider supports
#pragma once

#include <windows.h>
#include <objbase.h>
#include <oleauto.h>
#include <vss.h>
#include <vswriter.h>
#include <vsbackup.h>

#include <map>
#include <string>
#include <vector>

// One line of the log, flushed, so that it is whole even where the program is killed.
void LogLine(const char *format, ...);

std::wstring Setting(const wchar_t *name);
std::vector<std::wstring> Split(const std::wstring &text, wchar_t separator);

// The HRESULT a call is told to fail with; S_OK if none.
HRESULT FailureOf(const std::string &call);

// How long an operation is told to take, in milliseconds.
long PendingOf(const std::string &call);

// Interfaces the requester holds: what is left of them when the backup's own goes is a leak.
extern LONG liveAsyncs;
extern LONG liveMetadata;
extern LONG liveProperties;

std::string Narrow(const wchar_t *text);
std::string Text(const GUID &id);
