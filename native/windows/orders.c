#include "orders.h"

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

int32_t obey(const struct order *order, const char *payload) {
  (void)order;
  (void)payload;
  return ERROR_NOT_SUPPORTED;
}
