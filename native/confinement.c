#include "confinement.h"

#include <string.h>

#include "channel.h"
#include "orders.h"

enum { MOST_ORDERS = 32 };

static size_t padded(size_t length) { return (length + ORDER_ALIGNMENT - 1) & ~((size_t)ORDER_ALIGNMENT - 1); }

void confine(const char *orders, size_t length) {
  int32_t results[MOST_ORDERS];
  size_t count = 0;
  for (size_t at = 0; at < length && count < MOST_ORDERS; count++) {
    struct order order;
    memcpy(&order, orders + at, sizeof order);
    results[count] = obey(&order, orders + at + sizeof order);
    at += sizeof order + padded(order.length);
  }
  answer(HELLO, 0, results, count * sizeof results[0]);
}
