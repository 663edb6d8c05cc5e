// W5: broken framing is answered once, and reading goes on where the next header must be.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { framed, inShort, probe, RawHost, replies } from "../support/raw-host.ts";

const one = probe(1);
const two = probe(2);
const length = one.length;
/** A body that is full of what looks like headers, as far as that can be within JSON. */
const decoy = `{"a":"Content-Length: ${length}\\r\\n\\r\\n","b":"\\nContent-Length: ${length}\\n","c":"Content-Length: 1"}`;

describe("W5: each is answered once with BAD_FRAME and the id null, and the next message works", () => {
  let host: RawHost;
  beforeAll(() => {
    host = new RawHost();
  });
  afterAll(() => host.finish());

  test.each([
    ["no Content-Length", `X: y\r\n\r\n${one}\n`, "without Content-Length"],
    ["no Content-Length, and Content-Type", `Content-Type: application/json\r\n\r\n${decoy}`, "without Content-Length"],
    ["letters behind the number", `Content-Length: ${length}abc\r\n\r\n${one}`, `${length}abc`],
    ["a negative length", `Content-Length: -${length}\r\n\r\n${one}`, `-${length}`],
    ["a signed length", `Content-Length: +${length}\r\n\r\n${one}`, `+${length}`],
    ["a fraction", `Content-Length: ${length}.0\r\n\r\n${one}`, `${length}.0`],
    ["a hexadecimal length", `Content-Length: 0x2A\r\n\r\n${one}`, "0x2A"],
    ["an exponent", `Content-Length: 4e1\r\n\r\n${one}`, "4e1"],
    ["two numbers", `Content-Length: ${length}, ${length}\r\n\r\n${one}`, `${length}, ${length}`],
    ["an empty length", `Content-Length: \r\n\r\n${one}`, "``"],
    ["two lengths", `Content-Length: 1\r\nContent-Length: ${length}\r\n\r\n${one}`, `1 and ${length}`],
    ["a header block too long", `X: ${"x".repeat(8192)}\r\n\r\n`, "8192"],
    ["charset utf-16", `Content-Length: ${length}\r\nContent-Type: x; charset=utf-16\r\n\r\n${one}`, "utf-16"],
    ["charset latin1", `Content-Type: x; charset="latin1"\r\nContent-Length: ${length}\r\n\r\n${one}`, "latin1"],
    [
      "a charset that is utf-8 at first",
      `Content-Type: x; charset=utf-8\r\nContent-Type: x; charset=latin1\r\n${framed(one)}`,
      "latin1",
    ],
    [
      "a charset that is utf-8 at last",
      `Content-Type: x; charset=latin1\r\nContent-Type: x; charset=utf-8\r\n${framed(one)}`,
      "latin1",
    ],
    ["junk", "junk\r\n", "junk"],
    ["junk without a line end", "junk ", "junk"],
    ["many lines of junk", "junk\r\n".repeat(1000), "junk"],
    ["bytes of no encoding", Buffer.from("\xff\xfe\0\r\n", "latin1"), ""],
    ["a message without a header", `x\n${decoy}\n`, "x"],
    ["junk between the lines of a header", `Content-Length: ${length}\r\njunk\r\n\r\n${one}`, "junk"],
    ["junk inside a line", `Content-Len\0gth: ${length}\r\n\r\n${one}`, "Content-Len"],
    ["a space before the colon", `Content-Length : ${length}\r\n\r\n${one}`, "Content-Length :"],
    ["a folded line", `X: a\r\n b\r\nContent-Length : ${length}\r\n\r\n${one}`, " b"],
    ["headers in a body that is skipped", `Content-Length: x\r\n\r\n${decoy}`, "x"],
    [
      "a header in a body, with other digits behind",
      "Content-Length: x\r\n\r\nContent-Length: 5 6\r\nContent-Length: \r\n",
      "x",
    ],
  ])("%s", async (_, input, problem) => {
    const bytes = Buffer.concat([framed(two), Buffer.from(input as string), framed(two), framed(probe(3))]);
    const said = await host.exchange(bytes, 3);
    expect(inShort(said)).toEqual(["2", "BAD_FRAME", "2", "3"]);
    const { code, message, data } = said[1]?.json.error ?? {};
    expect(code).toBe(-32700);
    expect(message).toContain(problem);
    expect(message).toContain(data.problem);
  });

  test("W5, W6: junk of any length directly before a header", async () => {
    await using host = new RawHost({ args: ["--framing=headers"] });
    const junk = "?content-length: 1Content-Length:\t12345\rCContent-Length: 12xContent-Length: 7 \r\r";
    for (let n = 1; n <= junk.length; n++) await host.send(junk.slice(0, n) + framed(one));
    const expected = Array(junk.length).fill(["BAD_FRAME", "1"]).flat();
    expect(inShort(await host.finish())).toEqual(expected);
  });
});

describe("W5: a length that is wrong", () => {
  test("too short: the rest of the body belongs to no message", async () => {
    const input = Buffer.concat([Buffer.from(`Content-Length: ${length - 9}\r\n\r\n${one}`), framed(two)]);
    expect(inShort(await replies(input))).toEqual(["PARSE_ERROR", "BAD_FRAME", "2"]);
  });

  test("zero: an empty body is no JSON, and what follows belongs to no message", async () => {
    const input = Buffer.concat([Buffer.from(`Content-Length: 0\r\n\r\n${one}`), framed(two)]);
    expect(inShort(await replies(input))).toEqual(["PARSE_ERROR", "BAD_FRAME", "2"]);
  });

  test("too long by anything up to the whole next header: that is lost, and the one behind it works", async () => {
    const header = framed(one).length - length;
    await using host = new RawHost();
    const expected: string[] = [];
    for (let more = 1; more < header; more++) {
      const input = [Buffer.from(`Content-Length: ${length + more}\r\n\r\n${one}`), framed(probe(9)), framed(two)];
      await host.send(Buffer.concat(input));
      // Of `\r\n\r\n` any part can be left over: a blank line is no error, and the body behind it is lost with it.
      expected.push("PARSE_ERROR", "BAD_FRAME", "2");
    }
    expect(inShort(await host.finish())).toEqual(expected);
  });
});

test("W5: each loss of synchronism is answered, in its place", async () => {
  const broken = Buffer.from(`junk\r\n`);
  const input = Buffer.concat([broken, framed(one), broken, framed(two), broken]);
  expect(inShort(await replies(input))).toEqual(["BAD_FRAME", "1", "BAD_FRAME", "2", "BAD_FRAME"]);
});

describe("W5: the end of input", () => {
  test.each([
    ["inside a header line", "Content-Len", "inside a header"],
    ["behind a header line", "Content-Length: 10\r\n", "inside a header"],
    ["behind a header that is not the length", "X: y\r\n", "inside a header"],
    ["behind a header that was found again", "junk\nContent-Length: 10\r\n", "junk"],
    ["before a body", "Content-Length: 10\r\n\r\n", "0 of 10 bytes"],
    ["inside a body", 'Content-Length: 10\r\n\r\n{"a"', "4 of 10 bytes"],
    ["inside a body over the limit", "Content-Length: 1000\r\n\r\n1234", "996 bytes"],
  ])("%s", async (_, rest, problem) => {
    const said = await replies(framed(one) + rest, { args: ["--max-message-bytes=100"] });
    expect(said.map(({ json }) => json.error.message).join()).toContain(problem);
    expect(inShort(said).filter((text) => text !== "1")).toContain("BAD_FRAME");
    expect(inShort(said)[0]).toBe("1");
  });

  test("W2: lines: the last one need not be whole, and is answered for what it is", async () => {
    expect(inShort(await replies(`${one}\n{"a"`, { framing: "lines" }))).toEqual(["1", "PARSE_ERROR"]);
    const args = ["--max-message-bytes=100"];
    const long = `${one}\n{"a":"${"x".repeat(100)}`;
    expect(inShort(await replies(long, { framing: "lines", args }))).toEqual(["1", "MESSAGE_TOO_LARGE"]);
  });
});
