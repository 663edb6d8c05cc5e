/* What another library needs. */
__declspec(dllexport) int needed(void) { return 42; }
