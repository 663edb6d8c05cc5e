// Owns who else may change a file or directory on Windows (T3), by its owner and its access control list.

import { toNamespacedPath } from "node:path";
import { addressOf } from "../../../ffi/ffi.ts";
import type { Exposure } from "../../both-halves/files/permission-bits.ts";
import { Handle, handleOf, THIS_PROCESS } from "../handles.ts";
import {
  advapi32,
  BOOL,
  DWORD,
  HANDLE,
  LPCWSTR,
  lastError,
  POINTER,
  succeeded,
  WindowsError,
} from "../system-functions.ts";
import { holdersOf, readSecurityDescriptor, readSid, type SecurityDescriptor } from "./security-descriptor.ts";

const getFileSecurity = advapi32("GetFileSecurityW", BOOL, [LPCWSTR, DWORD, POINTER, DWORD, POINTER]);
const getKernelObjectSecurity = advapi32("GetKernelObjectSecurity", BOOL, [HANDLE, DWORD, POINTER, DWORD, POINTER]);
const openProcessToken = advapi32("OpenProcessToken", BOOL, [HANDLE, DWORD, POINTER]);
const getTokenInformation = advapi32("GetTokenInformation", BOOL, [HANDLE, "int", POINTER, DWORD, POINTER]);

const OWNER_AND_DACL = 0x1 | 0x4;
const MOST_BYTES = 64 * 1024; // more than an access control list can have
const ERROR_FILE_NOT_FOUND = 2;
const ERROR_PATH_NOT_FOUND = 3;
const TOKEN_QUERY = 0x8;
const TOKEN_USER = 1;

/** To make it another's, and what stands for these rights in entries that were never mapped: GENERIC_ALL. */
const TAKE = 0x10000 /* DELETE */ | 0x40000 /* WRITE_DAC */ | 0x80000 /* WRITE_OWNER */ | 0x10000000;
/** FILE_DELETE_CHILD: to put another in the place of what is in a directory, whoever that belongs to. */
const REPLACE_CHILD = 0x40;
/** FILE_WRITE_DATA, _APPEND_DATA, _WRITE_EA, _WRITE_ATTRIBUTES, by which a file becomes a link; GENERIC_WRITE. */
const WRITE = 0x2 | 0x4 | 0x10 | 0x100 | 0x40000000;

const ADMINISTRATORS = "S-1-5-32-544";
/** Who may do anything here anyway: the system, administrators, what installs Windows, and an owner by that name. */
const TRUSTED = [
  "S-1-5-18",
  ADMINISTRATORS,
  "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
  "S-1-3-4",
] as const;

/** Those that are the same on each machine ([MS-DTYP] 2.4.2.4). */
const NAMES: Readonly<Record<string, string>> = {
  "S-1-1-0": "Everyone",
  "S-1-2-0": "LOCAL",
  "S-1-5-4": "INTERACTIVE",
  "S-1-5-7": "ANONYMOUS LOGON",
  "S-1-5-11": "Authenticated Users",
  "S-1-5-32-545": "Users",
  "S-1-5-32-546": "Guests",
  "S-1-5-32-547": "Power Users",
  "S-1-15-2-1": "ALL APPLICATION PACKAGES",
};

/** Who else may write to what `canonicalPath` names; to what has just gone nobody does. @throws WindowsError */
export function writableByOthers(canonicalPath: string): Exposure | undefined {
  return exposure(canonicalPath, WRITE | REPLACE_CHILD | TAKE);
}

/** The same for a directory on the way to it, in which others may add what they like. @throws WindowsError */
export function wayWritableByOthers(canonicalPath: string): Exposure | undefined {
  return exposure(canonicalPath, REPLACE_CHILD | TAKE);
}

/** Whom it belongs to, where that is none of those who are trusted: an owner may change it. @throws WindowsError */
export function foreignOwner(path: string): Exposure | undefined {
  return foreign(path, descriptorOf(path));
}

/** Who could have written what is in an open file, beside those who are trusted. @param path what it was opened by @throws WindowsError */
export function changeableByOthers(descriptor: number, path: string): Exposure | undefined {
  const bytes = Buffer.alloc(MOST_BYTES);
  const got = getKernelObjectSecurity(handleOf(descriptor), OWNER_AND_DACL, bytes, bytes.length, Buffer.alloc(4));
  succeeded(`GetKernelObjectSecurity(${path})`, got);
  const security = readSecurityDescriptor(bytes);
  return foreign(path, security) ?? open(path, security, WRITE | TAKE);
}

function exposure(path: string, rights: number): Exposure | undefined {
  return open(path, descriptorOf(path), rights);
}

function foreign(path: string, security: SecurityDescriptor | undefined): Exposure | undefined {
  const owner = security?.owner;
  if (owner === undefined || isTrusted(owner)) return undefined;
  return { found: `belongs to ${named(owner)}`, remedy: `icacls ${quoted(path)} /setowner *${ADMINISTRATORS}` };
}

/** Who else has one of these rights. */
function open(path: string, security: SecurityDescriptor | undefined, rights: number): Exposure | undefined {
  if (security === undefined) return undefined;
  if (security.entries === undefined) {
    const remedy = `it has no list of who may do what, as on a file system that knows none: icacls ${quoted(path)} /reset`;
    return { found: "may be written to by everybody", remedy };
  }
  const others = holdersOf(security.entries, rights).filter((sid) => !isTrusted(sid));
  if (others.length === 0) return undefined;
  // What it has from the directory that it is in is made its own first: else it could not be taken away.
  const remedy = `icacls ${quoted(path)} /inheritance:d /remove:g ${others.map((sid) => `*${sid}`).join(" ")}`;
  return { found: `may be written to by ${others.map(named).join(", ")}`, remedy };
}

/** @returns undefined where there is nothing of that name */
function descriptorOf(path: string): SecurityDescriptor | undefined {
  const bytes = Buffer.alloc(MOST_BYTES);
  const got = getFileSecurity(toNamespacedPath(path), OWNER_AND_DACL, bytes, bytes.length, Buffer.alloc(4));
  if (got !== 0) return readSecurityDescriptor(bytes);
  const error = lastError();
  if (error === ERROR_FILE_NOT_FOUND || error === ERROR_PATH_NOT_FOUND) return undefined;
  throw new WindowsError(`GetFileSecurityW(${path})`, error);
}

let user: string | undefined;

function isTrusted(sid: string): boolean {
  user ??= currentUser();
  return sid === user || TRUSTED.some((trusted) => trusted === sid);
}

/** Who runs dlrpc. */
function currentUser(): string {
  const handle = Buffer.alloc(8);
  succeeded("OpenProcessToken", openProcessToken(THIS_PROCESS, TOKEN_QUERY, handle));
  using token = new Handle(Number(handle.readBigInt64LE()));
  const [bytes, length] = [Buffer.alloc(256), Buffer.alloc(4)];
  succeeded("GetTokenInformation", getTokenInformation(token.value, TOKEN_USER, bytes, bytes.length, length));
  return readSid(bytes, Number(bytes.readBigUInt64LE()) - addressOf(bytes)); // a TOKEN_USER begins with its address
}

function named(sid: string): string {
  return NAMES[sid] ?? sid;
}

/** No path holds the character. */
function quoted(path: string): string {
  return `"${path}"`;
}
