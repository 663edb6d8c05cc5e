// Tells of each test in a line of JSON, for those who wait outside.

import type { TestEvent } from "node:test/reporters";
import { inspect } from "node:util";

export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    if (event.type !== "test:pass" && event.type !== "test:fail") continue;
    const { name, details } = event.data;
    const error =
      event.type === "test:fail" ? inspect(event.data.details.error.cause ?? event.data.details.error) : undefined;
    yield `${JSON.stringify({ name, milliseconds: details.duration_ms, error })}\n`;
  }
}
