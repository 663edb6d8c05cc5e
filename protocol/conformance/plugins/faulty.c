/* faulty: has one fault that shows while it is loaded, the one that it is compiled with. Whatever is not the fault is in
 * order. A constructor that marks or hangs makes the file that LC_CONFORMANCE_MARK names: that variable passes (P7). */
#include "system.h"
#include "vtcode_plugin.h"

#ifndef METADATA
#define METADATA "{\"name\":\"faulty\",\"description\":\"Cannot be loaded\",\"version\":\"1.0.0\"}"
#endif

#if defined(CONSTRUCTOR_CRASHES)
__attribute__((constructor)) static void crash(void) {
    fputs("the last words\n", stderr);
    abort();
}
#elif defined(CONSTRUCTOR_EXITS)
__attribute__((constructor)) static void end_process(void) { _exit(0); }
#elif defined(CONSTRUCTOR_MARKS) || defined(CONSTRUCTOR_HANGS)
__attribute__((constructor)) static void mark(void) {
    const char *path = getenv("LC_CONFORMANCE_MARK");
    if (path != NULL) close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
#ifdef CONSTRUCTOR_HANGS
    for (;;) rest();
#endif
}
#endif

#ifdef NEEDS_UNDEFINED
extern uint32_t conformance_defined_nowhere(void);
#endif

#ifndef NO_VERSION
uint32_t vtcode_plugin_version(void) {
#if defined(VERSION)
    return VERSION;
#elif defined(NEEDS_UNDEFINED)
    return conformance_defined_nowhere();
#else
    return VTCODE_PLUGIN_ABI_VERSION;
#endif
}
#endif

#ifndef NO_METADATA
const char *vtcode_plugin_metadata(void) {
#if defined(VERSION)
    abort(); /* not to be called after a wrong version (rule A2) */
#elif defined(METADATA_HANGS)
    for (;;) rest();
#elif defined(METADATA_BOM)
    return "\xef\xbb\xbf" METADATA; /* no fault: rule A3 accepts it */
#elif defined(METADATA_NULL)
    return NULL;
#elif defined(METADATA_LATIN1)
    return "{\"name\":\"caf\xe9\",\"description\":\"\",\"version\":\"1.0.0\"}";
#else
    return METADATA;
#endif
}
#endif

#ifndef NO_EXECUTE
const char *vtcode_plugin_execute(const char *input_json) {
    (void)input_json;
    return "{\"success\":true,\"output\":{},\"error\":null,\"files\":[]}";
}
#endif
