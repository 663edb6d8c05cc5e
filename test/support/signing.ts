// Keys, signatures and signed plugins for tests: made by the program itself, and by minisign where it is installed.

import { execFileSync } from "node:child_process";
import { createHash, createPrivateKey, randomBytes, scryptSync, sign } from "node:crypto";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { blake2b } from "@noble/hashes/blake2.js";
import { run } from "./run.ts";

export interface KeyPair {
  secret: string;
  public: string;
  id: string;
}

/** A temporary directory of keys. */
export class KeyDirectory implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "dlrpc-keys-"));

  /** A pair without a password, made by `dlrpc keygen`. */
  async generate(name: string): Promise<KeyPair> {
    const pair = this.pair(name);
    await succeed(["keygen", "--key", pair.secret, "--no-password"]);
    return { ...pair, id: idOf(pair.public) };
  }

  /** A pair with a password that is tried quickly: its limits are libsodium's lowest, not those that minisign takes. */
  async withPassword(name: string, password: string): Promise<KeyPair> {
    const pair = await this.generate(name);
    const bytes = secretBytes(pair);
    const [salt, limits] = [randomBytes(32), Buffer.alloc(16)];
    limits.writeBigUInt64LE(32768n, 0);
    limits.writeBigUInt64LE(16777216n, 8);
    const covered = Buffer.concat([bytes.subarray(0, 2), bytes.subarray(54, 126)]);
    const secret = Buffer.concat([bytes.subarray(54, 126), blake2b(covered, { dkLen: 32 })]);
    const stream = scryptSync(password, salt, secret.length, { cost: 1024, blockSize: 8, parallelization: 1 });
    const encrypted = secret.map((byte, i) => byte ^ (stream[i] as number));
    const line = Buffer.concat([Buffer.from("EdScB2"), salt, limits, encrypted]).toString("base64");
    writeFileSync(pair.secret, `untrusted comment: minisign encrypted secret key\n${line}\n`);
    return pair;
  }

  /** A pair made by minisign. @param password undefined: none */
  minisign(name: string, password?: string): KeyPair {
    const pair = this.pair(name);
    const args = ["-G", "-p", pair.public, "-s", pair.secret, ...(password === undefined ? ["-W"] : [])];
    minisign(args, password === undefined ? "" : `${password}\n${password}\n`);
    return { ...pair, id: idOf(pair.public) };
  }

  file(name: string, content: string | Uint8Array): string {
    const path = join(this.path, name);
    writeFileSync(path, content);
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }

  /** Copies a pair of another directory. */
  copy(from: KeyDirectory, name: string): KeyPair {
    const pair = this.pair(name);
    const original = from.pair(name);
    copyFileSync(original.secret, pair.secret);
    copyFileSync(original.public, pair.public);
    return { ...pair, id: idOf(pair.public) };
  }

  /** Where a pair is, or will be. */
  pair(name: string): { secret: string; public: string } {
    return { secret: join(this.path, `${name}.key`), public: join(this.path, `${name}.pub`) };
  }
}

/** Runs minisign. @returns what it prints @throws where it fails */
export function minisign(args: readonly string[], input = ""): string {
  return execFileSync("minisign", args, { input, encoding: "utf8", stdio: "pipe" });
}

/** Runs the program. @returns what it prints @throws where it fails */
export async function succeed(args: readonly string[], options: Parameters<typeof run>[1] = {}): Promise<string> {
  const { status, stdout, stderr } = await run(args, options);
  if (status !== 0) throw new Error(`dlrpc ${args.join(" ")} ended with ${status}: ${stderr}`);
  return stdout;
}

/** Signs a plugin with `dlrpc sign`. */
export async function signPlugin(directory: string, { secret }: KeyPair): Promise<string> {
  return succeed(["sign", directory, "--key", secret]);
}

/** The key's number, as the comment of minisign's and dlrpc's public keys says it: minisign leaves out zeros before it. */
function idOf(publicFile: string): string {
  const id = /public key ([0-9A-F]+)\n/.exec(readFileSync(publicFile, "utf8"))?.[1];
  if (id === undefined) throw new Error(`${publicFile} has no comment with the number of its key`);
  return id.padStart(16, "0");
}

/** A signature over any message, in minisign's form: prehashed (`ED`), or legacy (`Ed`) as `minisign -S -l` makes it. */
export function signatureOf(message: Uint8Array, pair: KeyPair, form: "ED" | "Ed" = "ED"): string {
  const bytes = secretBytes(pair);
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), bytes.subarray(62, 94)]);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const signature = sign(null, form === "Ed" ? message : createHash("blake2b512").update(message).digest(), key);
  const line = Buffer.concat([Buffer.from(form), bytes.subarray(54, 62), signature]).toString("base64");
  const second = sign(null, Buffer.concat([signature, Buffer.from("a test")]), key).toString("base64");
  return `untrusted comment: a test\n${line}\ntrusted comment: a test\n${second}\n`;
}

/** What a secret key without a password holds. */
function secretBytes({ secret }: KeyPair): Buffer {
  return Buffer.from(readFileSync(secret, "utf8").split("\n")[1] as string, "base64");
}
