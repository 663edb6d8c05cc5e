/* my-plugin: what a host calls. */
#define DLRPC_PLUGIN_IMPLEMENTATION
#include "dlrpc_plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char METADATA[] =
    "{\"name\":\"my-plugin\",\"description\":\"Answers with what it was called with\",\"version\":\"0.1.0\",\"abi_version\":1}";

/* %s is JSON: what a host shows as the result. */
static const char ANSWER[] = "{\"success\":true,\"output\":%s,\"error\":null,\"files\":[]}";

/* `context` is {"input":{…},"workspace_root":"…" or null,"config":{…}}. C reads no JSON: here it is the output as it is. */
static char *answer(const char *context) {
  const char message[] = "answering";
  dlrpc_progress(dlrpc_current_call(), 1, 1, message, sizeof message - 1);
  size_t size = sizeof ANSWER + strlen(context);
  char *text = malloc(size);
  if (text != NULL) snprintf(text, size, ANSWER, context);
  return text;
}

uint32_t vtcode_plugin_version(void) {
  return VTCODE_PLUGIN_ABI_VERSION;
}

const char *vtcode_plugin_metadata(void) {
  char *text = malloc(sizeof METADATA); /* a copy: the host frees what it is given */
  if (text != NULL) memcpy(text, METADATA, sizeof METADATA);
  return text;
}

const char *vtcode_plugin_execute(const char *input_json) {
  return answer(input_json);
}

void vtcode_plugin_free_string(const char *string) {
  free((void *)string);
}
