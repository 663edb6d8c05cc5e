// W1 to W4, W6 and W7: what a frame is, in bytes, in both directions.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { framed, inShort, probe, RawHost, replies } from "../support/raw-host.ts";

const BOM = "\ufeff";
const one = probe(1);
const two = probe(2);
const length = one.length;

describe("W1: headers", () => {
  let host: RawHost;
  beforeAll(() => {
    host = new RawHost({ args: ["--framing=headers"] });
  });
  afterAll(() => host.finish());

  test.each([
    ["names in any case", `cOnTeNt-LENGTH: ${length}\r\n\r\n`],
    ["no space behind the colon", `Content-Length:${length}\r\n\r\n`],
    ["more white space around the value", `Content-Length: \t ${length} \t\r\n\r\n`],
    ["leading zeros", `Content-Length: 00${length}\r\n\r\n`],
    ["unknown headers before and behind", `X-A: b:c\r\nContent-Length: ${length}\r\nx-empty:\r\nAccept: */*\r\n\r\n`],
    ["bytes beyond ASCII in an unknown header", `X-Name: é日本\r\nContent-Length: ${length}\r\n\r\n`],
    ["bare LF", `Content-Length: ${length}\n\n`],
    ["CRLF and bare LF mixed", `Content-Length: ${length}\r\nX: y\n\r\n`],
    ["the same length twice", `Content-Length: ${length}\r\ncontent-length: ${length}\r\n\r\n`],
    ["Content-Type without charset", `Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`],
    ...["utf-8", "utf8", "UTF-8", '"utf-8"'].map((charset) => [
      `charset ${charset}`,
      `Content-Length: ${length}\r\nContent-Type: application/vscode-jsonrpc; a=b; charset=${charset}\r\n\r\n`,
    ]),
  ])("%s", async (_, header) => {
    expect(inShort(await host.exchange(twice(header), 2))).toEqual(["1", "2"]);
  });

  test.each([
    ["blank lines before a header", `\r\n\n\r\nContent-Length: ${length}\r\n\r\n`],
    ["a BOM before a header", `${BOM}Content-Length: ${length}\r\n\r\n`],
    ["a BOM and a blank line before a header", `${BOM}\r\nContent-Length: ${length}\r\n\r\n`],
  ])("%s, at the beginning of all", async (_, header) => {
    expect(inShort(await replies(twice(header), { args: ["--framing=headers"] }))).toEqual(["1", "2"]);
  });

  const twice = (header: string) => header + one + header.replaceAll(String(length), String(two.length)) + two;

  test("W1: the length counts bytes, not characters, in both directions", async () => {
    await using host = new RawHost();
    const name = "é日本🎉";
    const { error } = await host.ask(framed(`{"jsonrpc":"2.0","id":"${name}","method":"${name}"}`));
    expect(error.message).toContain(name);
    expect((await host.ask(framed(two))).id).toBe(2);
  });
});

test("W2: one JSON text per line; blank lines, CRLF, a BOM and a last line without an end are no errors", async () => {
  const input = `${BOM}${one}\r\n\n \t\r\n${BOM} ${two} \n${probe(3)}`;
  expect(inShort(await replies(input, { framing: "lines" }))).toEqual(["1", "2", "3"]);
});

describe("W3: the first byte that is neither BOM nor white space decides", () => {
  const spaces = ` \t\r\n${BOM}\n `;
  test.each([
    ["{ means lines", `${one}\n`, "lines", ["1"]],
    ["[ means lines", `[${one}]\n`, "lines", ["[1]"]],
    ["a letter means headers", framed(one).toString(), "headers", ["1"]],
    ["white space and a BOM before {", `${spaces}${one}\n`, "lines", ["1"]],
    ["white space and a BOM before [", `${spaces}[${one}]\n`, "lines", ["[1]"]],
    ["white space and a BOM before a header", spaces + framed(one), "headers", ["1"]],
    ["anything else means headers", `"text"\n${framed(one)}`, "headers", ["BAD_FRAME", "1"]],
    ["it decides once, for lines", `${one}\nContent-Length: 1\n${two}\n`, "lines", ["1", "PARSE_ERROR", "2"]],
    ["it decides once, for headers", `${framed(one)}${two}\n${framed(two)}`, "headers", ["1", "BAD_FRAME", "2"]],
  ] as const)("%s", async (_, input, framing, expected) => {
    expect(inShort(await replies(input, { framing }))).toEqual(expected);
    await using host = new RawHost({ framing });
    for (const byte of Buffer.from(input)) await host.send(Buffer.from([byte]));
    expect(inShort(await host.finish())).toEqual(expected);
  });

  test("--framing=lines forces lines", async () => {
    const options = { framing: "lines", args: ["--framing=lines"] } as const;
    expect(inShort(await replies(`Content-Length: 5\n${one}\n`, options))).toEqual(["PARSE_ERROR", "1"]);
  });

  test("--framing=headers forces headers", async () => {
    const options = { args: ["--framing=headers"] };
    expect(inShort(await replies(`${one}\n${framed(two)}`, options))).toEqual(["BAD_FRAME", "2"]);
  });

  test.each(["auto", "headers", "lines"])("no message at all: nothing is said (%s)", async (choice) => {
    for (const input of ["", "\n \t", choice === "lines" ? "\r\n" : `\n${BOM}`]) {
      expect(await replies(input, { args: [`--framing=${choice}`] })).toEqual([]);
    }
  });
});

describe("W4: limits", () => {
  test("a header block of 8 KiB is taken, one byte more is not", async () => {
    const block = (bytes: number) => {
      const rest = `X: \r\nContent-Length: ${length}\r\n\r\n`;
      return `X: ${"x".repeat(bytes - rest.length)}\r\nContent-Length: ${length}\r\n\r\n`;
    };
    expect(block(8192)).toHaveLength(8192);
    const input = block(8192) + one + block(8192) + one + framed(two);
    expect(inShort(await replies(input))).toEqual(["1", "1", "2"]);
    const tooLong = `${"X: y\r\n".repeat(1366)}\r\n`; // no line is long, all together are
    expect(inShort(await replies(tooLong + framed(two)))).toEqual(["BAD_FRAME", "2"]);
    expect((await replies(`${"x".repeat(8193)}\r\n${framed(two)}`))[0]?.json.error.message).toContain("8192");
  });

  const limit = 1000;
  const padded = (bytes: number) => one.replace("}", `,"x":"${"x".repeat(bytes - length - 7)}"}`);
  const args = [`--max-message-bytes=${limit}`];

  test("headers: a message of the limit is taken, one byte more is answered with MESSAGE_TOO_LARGE", async () => {
    expect(padded(limit)).toHaveLength(limit);
    const input = [padded(limit), padded(limit + 1), two].map(framed);
    const said = await replies(Buffer.concat(input), { args });
    expect(inShort(said)).toEqual(["1", "MESSAGE_TOO_LARGE", "2"]);
    expect(said[1]?.json.error).toMatchObject({ code: -32600, data: { limit, size: limit + 1 } });
  });

  test("lines: a message of the limit is taken, one byte more is answered with MESSAGE_TOO_LARGE", async () => {
    const input = [padded(limit), padded(limit + 1), two].map((text) => `${text}\n`).join("");
    const said = await replies(input, { args, framing: "lines" });
    expect(inShort(said)).toEqual(["1", "MESSAGE_TOO_LARGE", "2"]);
    expect(said[1]?.json.error).toMatchObject({ code: -32600, data: { limit } });
  });

  test("a message over the limit is skipped, whatever is in it, and each is answered", async () => {
    const skipped = `{"x":"${"Content-Length: 5\\r\\n\\r\\n".repeat(100)}"}`;
    const nested = "Content-Length: 5\r\n\r\n".repeat(100);
    const input = Buffer.concat([skipped, nested, two].map(framed));
    expect(inShort(await replies(input, { args }))).toEqual(["MESSAGE_TOO_LARGE", "MESSAGE_TOO_LARGE", "2"]);
  });

  test("a length that nobody can send is too large, and the next header is found all the same", async () => {
    for (const digits of [20, 400]) {
      const said = await replies(`Content-Length: ${"9".repeat(digits)}\r\n\r\n${one}\n${framed(two)}`);
      expect(inShort(said)).toEqual(["MESSAGE_TOO_LARGE", "2"]);
    }
  });
});

describe("W6: the input means the same however it is split", () => {
  const large = one.replace("}", `,"x":"${"x".repeat(300)}"}`);
  const headers = Buffer.concat([
    Buffer.from(`junk é\r\n${BOM}\r\nX: y\r\n`),
    framed(one),
    framed(large),
    Buffer.from("\r\nContent-Length: 3\n\n{é"),
    Buffer.from(`Content-Length: 5, 6\r\n\r\n${two}`),
    framed(two),
  ]);
  const lines = Buffer.from(`${BOM} ${one}\r\n\n{é\n${large}\n\n[${one},${two}]\n${two}`);
  const args = ["--max-message-bytes=200"];

  test.each([
    ["headers", headers, ["BAD_FRAME", "1", "MESSAGE_TOO_LARGE", "PARSE_ERROR", "BAD_FRAME", "2"]],
    ["lines", lines, ["1", "PARSE_ERROR", "MESSAGE_TOO_LARGE", "[1 2]", "2"]],
  ] as const)("%s, split at every byte, and into single bytes", async (framing, input, expected) => {
    await using host = new RawHost({ args: [...args, `--framing=${framing}`], framing });
    const wanted: string[] = [];
    for (let at = 0; at <= input.length; at++) {
      await host.send(input.subarray(0, at));
      await host.send(Buffer.concat([input.subarray(at), Buffer.from("\n")]));
      wanted.push(...expected);
    }
    for (const byte of input) await host.send(Buffer.from([byte]));
    wanted.push(...expected);
    expect(inShort(await host.finish())).toEqual(wanted);
  });
});

describe("W7: each message leaves in one piece, with a header that is Content-Length and nothing else", () => {
  test.each(["headers", "lines"] as const)("%s", async (framing) => {
    await using host = new RawHost({ framing });
    const request = framing === "lines" ? `${one}\n` : framed(one);
    for (let i = 0; i < 300; i++) await host.ask(request);
    const said = await host.finish(); // has looked at each header
    const size = (said[0]?.text.length ?? 0) + (framing === "lines" ? 1 : "Content-Length: 123\r\n\r\n".length);
    expect(host.chunks).toEqual(Array(300).fill(size));
  });
});
