#include "orders.h"

#include <string.h>

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

static int32_t result_of(BOOL has_succeeded) { return has_succeeded ? 0 : (int32_t)GetLastError(); }

static uint64_t number_at(const char *payload) {
  uint64_t number;
  memcpy(&number, payload, sizeof number);
  return number;
}

static int32_t mitigate(const char *payload) {
  DWORD flags = (DWORD)number_at(payload + sizeof(uint64_t));
  return result_of(SetProcessMitigationPolicy((PROCESS_MITIGATION_POLICY)number_at(payload), &flags, sizeof flags));
}

/* Its library brings others along, and so is loaded only here. */
static int32_t lower_integrity(const char *payload) {
  HMODULE library = LoadLibraryExW(L"advapi32.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
  if (library == NULL) return result_of(FALSE);
  BOOL(WINAPI * open)(HANDLE, DWORD, HANDLE *) = (void *)GetProcAddress(library, "OpenProcessToken");
  BOOL(WINAPI * set)(HANDLE, TOKEN_INFORMATION_CLASS, void *, DWORD) = (void *)GetProcAddress(library, "SetTokenInformation");
  HANDLE token;
  if (open == NULL || set == NULL || !open(GetCurrentProcess(), TOKEN_ADJUST_DEFAULT, &token)) return result_of(FALSE);
  SID level = {SID_REVISION, 1, {SECURITY_MANDATORY_LABEL_AUTHORITY}, {(DWORD)number_at(payload)}};
  TOKEN_MANDATORY_LABEL label = {.Label = {.Sid = &level, .Attributes = SE_GROUP_INTEGRITY}};
  int32_t result = result_of(set(token, TokenIntegrityLevel, &label, sizeof label + sizeof level));
  CloseHandle(token);
  return result;
}

int32_t obey(const struct order *order, const char *payload) {
  switch (order->kind) {
    case MITIGATION:
      return mitigate(payload);
    case INTEGRITY:
      return lower_integrity(payload);
    default:
      return ERROR_NOT_SUPPORTED;
  }
}
