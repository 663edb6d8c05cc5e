/* What dlrpc offers a plugin while a call runs: to report progress, to hand over partial results, to log, and to hear that
 * the call is to stop. A plugin of vtcode_plugin.h exports dlrpc_plugin_attach as well, and is given a table of functions.
 * A host that knows nothing of this, as VT Code's own loader, never calls it: then there is no table, and nothing changes.
 *
 * One source file of the plugin defines DLRPC_PLUGIN_IMPLEMENTATION before it includes this header: that exports
 * dlrpc_plugin_attach, and the functions dlrpc_… below work everywhere in the plugin, without a table as well. */
#ifndef DLRPC_PLUGIN_H
#define DLRPC_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#include "vtcode_plugin.h"

#define DLRPC_HOST_VERSION 1u

#ifdef __cplusplus
extern "C" {
#endif

/* Names a call, on any thread; 0 names none. Once the call is over, each function does nothing for it. */
typedef uint64_t dlrpc_call;

enum dlrpc_level { DLRPC_ERROR = 1, DLRPC_WARN = 2, DLRPC_INFO = 3, DLRPC_DEBUG = 4 };

/* Texts are UTF-8, `length` bytes of them, and need no NUL; what is not UTF-8 is replaced. None of these allocates, nor
 * blocks for longer than a write to a pipe does: where the host is slow to read, that is until it has read (rule X5). */
struct dlrpc_host {
  uint32_t size;    /* of this table, in bytes: what lies beyond is not there (later versions append members) */
  uint32_t version; /* DLRPC_HOST_VERSION */

  /* The call that runs on this thread, for it and for others that work for it; 0 where none does. */
  dlrpc_call (*current_call)(void);

  /* How far the call is: `done` of `total`, in any unit; a total that is not above 0 means that it is not known. The host
   * is told at most some 50 times a second, always of the latest (rule X3). `message` may be NULL; of a long one the
   * beginning is told. */
  void (*progress)(dlrpc_call call, double done, double total, const char *message, size_t length);

  /* Hands over a partial result: one JSON value, in order, before the call's answer (rule X4).
   * Returns 1, or 0 where it is not passed on: the call is over or is to stop, nobody wants it, or it is too long. */
  int (*output)(dlrpc_call call, const char *json, size_t length);

  /* Says something to whoever reads the host's log (rule X6); of a long text the beginning is told. */
  void (*log)(dlrpc_call call, uint32_t level, const char *text, size_t length);

  /* Whether the call is to stop, as its host cancelled it or its time is up: a plugin that then returns soon keeps its
   * process and all that it has in memory (rule X7). 1 also where the call is over. May be asked in a signal handler. */
  int (*should_stop)(dlrpc_call call);

  /* Milliseconds until the call's deadline, 0 once it is past or the call is over; INT64_MAX where there is none. May be
   * asked in a signal handler. */
  int64_t (*remaining_ms)(dlrpc_call call);
};

/* Optional. Called once, when the library has been loaded, before vtcode_plugin_metadata. The table is valid until the
 * process ends (rule X1). */
VTCODE_PLUGIN_EXPORT void dlrpc_plugin_attach(const struct dlrpc_host *host);

/* The table, or NULL. */
#if defined(_WIN32)
extern const struct dlrpc_host *dlrpc_host;
#else
extern __attribute__((visibility("hidden"))) const struct dlrpc_host *dlrpc_host;
#endif

#ifdef DLRPC_PLUGIN_IMPLEMENTATION
const struct dlrpc_host *dlrpc_host;

VTCODE_PLUGIN_EXPORT void dlrpc_plugin_attach(const struct dlrpc_host *host) {
  dlrpc_host = host;
}
#endif

/* The same functions, which do nothing where there is no table. */

static inline dlrpc_call dlrpc_current_call(void) {
  return dlrpc_host == NULL ? 0 : dlrpc_host->current_call();
}

static inline void dlrpc_progress(dlrpc_call call, double done, double total, const char *message, size_t length) {
  if (dlrpc_host != NULL) dlrpc_host->progress(call, done, total, message, length);
}

static inline int dlrpc_output(dlrpc_call call, const char *json, size_t length) {
  return dlrpc_host == NULL ? 0 : dlrpc_host->output(call, json, length);
}

static inline void dlrpc_log(dlrpc_call call, enum dlrpc_level level, const char *text, size_t length) {
  if (dlrpc_host != NULL) dlrpc_host->log(call, (uint32_t)level, text, length);
}

static inline int dlrpc_should_stop(dlrpc_call call) {
  return dlrpc_host == NULL ? 0 : dlrpc_host->should_stop(call);
}

static inline int64_t dlrpc_remaining_ms(dlrpc_call call) {
  return dlrpc_host == NULL ? INT64_MAX : dlrpc_host->remaining_ms(call);
}

#ifdef __cplusplus
}
#endif

#endif
