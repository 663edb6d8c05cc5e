/* A program that does nothing until somebody ends it; with any argument it first lets nobody see it. */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

int main(int argc, char **argv) {
  (void)argv;
  SECURITY_DESCRIPTOR nobody;
  ACL empty;
  if (argc > 1) {
    InitializeSecurityDescriptor(&nobody, SECURITY_DESCRIPTOR_REVISION);
    InitializeAcl(&empty, sizeof empty, ACL_REVISION);
    SetSecurityDescriptorDacl(&nobody, TRUE, &empty, FALSE);
    if (!SetKernelObjectSecurity(GetCurrentProcess(), DACL_SECURITY_INFORMATION, &nobody)) return 1;
  }
  for (;;) Sleep(INFINITE);
}
