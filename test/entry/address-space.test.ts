// Where addresses are short: V8 reserves them by the gigabyte, and a host may be limited (ulimit -v), as batch systems do it.

import { expect, test } from "vitest";
import { Host } from "../support/host.ts";

const KIB_OF_GIB = 1024 * 1024;

test.each([12, 14, 16, 20, 24, 32])(
  "with %d GiB of addresses it starts, and reads deep nesting again and again",
  async (gib) => {
    await using host = new Host({ through: ["sh", "-c", `ulimit -v ${gib * KIB_OF_GIB} && exec "$@"`, "sh"] });
    const handle = await host.load("echo");
    const depth = 1_000_000; // more than is kept of the memory that it takes
    for (let round = 0; round < 4; round++) {
      host.send(
        `{"jsonrpc":"2.0","id":"${round}","method":"plugin/list","params":[${"[".repeat(depth)}${"]".repeat(depth)}]}`,
      );
      expect((await host.answer(String(round))).error?.data.kind).toBe("INVALID_PARAMS");
      const { output } = await host.result("plugin/execute", { handle, input: { round } });
      expect(output.context.input).toEqual({ round });
    }
    expect(await host.finish()).toEqual({ status: 0, signal: null });
    expect(host.stderr).toBe("");
  },
);
