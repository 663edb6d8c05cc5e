// Owns reading a security descriptor: whose a file is, and who may do what with it (MS-DTYP 2.4.2 and 2.4.4 to 2.4.6).

const OWNER_AT = 4;
const DACL_AT = 16;
const CONTROL_AT = 2;
const SE_DACL_PRESENT = 0x4;
const ACL_HEADER_BYTES = 8;
const ACE_HEADER_BYTES = 4;

const ACCESS_ALLOWED = 0;
const ACCESS_DENIED = 1;
/** It holds under a condition, and so for somebody. */
const ACCESS_ALLOWED_CALLBACK = 9;
const INHERIT_ONLY = 0x8;

export interface Entry {
  readonly allows: boolean;
  /** As Windows writes it: `S-1-1-0`. */
  readonly sid: string;
  readonly rights: number;
}

export interface SecurityDescriptor {
  readonly owner: string | undefined;
  /** What holds for the object itself, in the order in which it counts; undefined where everybody may do everything. */
  readonly entries: readonly Entry[] | undefined;
}

/** @param bytes self-relative, as Windows made them @throws RangeError where they are none */
export function readSecurityDescriptor(bytes: Buffer): SecurityDescriptor {
  const ownerAt = bytes.readUInt32LE(OWNER_AT);
  const daclAt = (bytes.readUInt16LE(CONTROL_AT) & SE_DACL_PRESENT) === 0 ? 0 : bytes.readUInt32LE(DACL_AT);
  return {
    owner: ownerAt === 0 ? undefined : readSid(bytes, ownerAt),
    entries: daclAt === 0 ? undefined : readAcl(bytes, daclAt),
  };
}

/** The text of the SID at a place. */
export function readSid(bytes: Buffer, at: number): string {
  const count = bytes.readUInt8(at + 1);
  const parts = Array.from({ length: count }, (_, index) => bytes.readUInt32LE(at + 8 + 4 * index));
  return ["S", bytes.readUInt8(at), bytes.readUIntBE(at + 2, 6), ...parts].join("-");
}

function readAcl(bytes: Buffer, start: number): Entry[] {
  const entries: Entry[] = [];
  const count = bytes.readUInt16LE(start + 4);
  for (let index = 0, at = start + ACL_HEADER_BYTES; index < count; index++, at += bytes.readUInt16LE(at + 2)) {
    const [type, flags] = [bytes.readUInt8(at), bytes.readUInt8(at + 1)];
    const allows = type === ACCESS_ALLOWED || type === ACCESS_ALLOWED_CALLBACK;
    if ((flags & INHERIT_ONLY) !== 0 || (!allows && type !== ACCESS_DENIED)) continue;
    const rights = bytes.readUInt32LE(at + ACE_HEADER_BYTES);
    entries.push({ allows, sid: readSid(bytes, at + ACE_HEADER_BYTES + 4), rights });
  }
  return entries;
}

/**
 * Who has one of these rights: each entry counts as far as none before it denies the same to the same.
 * @returns undefined where everybody has all
 */
export function holdersOf(entries: readonly Entry[], rights: number): string[] {
  const denied = new Map<string, number>();
  const holders = new Set<string>();
  for (const { allows, sid, rights: given } of entries) {
    const taken = denied.get(sid) ?? 0;
    if (!allows) denied.set(sid, taken | given);
    else if ((given & rights & ~taken) !== 0) holders.add(sid);
  }
  return [...holders];
}
