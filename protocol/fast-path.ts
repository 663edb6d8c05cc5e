// Recognising what is written as nearly everyone writes it, without the schemas: to load zod and to build them takes a
// tenth of a start. What is not recognised is for the schemas to judge, and may well be right; a test holds that they accept as
// it is whatever is recognised here.

import { namePattern } from "./abi-names.ts";
import { RawJson } from "./raw.ts";

/** The first number of the contract's version: what hosts and dlrpc tell each other. */
export const PROTOCOL_VERSION = 1;
/** The contract's version, as its documents bear it. */
export const CONTRACT_VERSION = `${PROTOCOL_VERSION}.1`;

/** The members of params that stay raw; all others are parsed. */
export const rawMembers: ReadonlySet<string> = new Set(["input", "config"]);

/** The members of params that are indexed while a message is checked: those of the method that must be fast. */
export const indexedParams = [
  "handle",
  "input",
  "workspaceRoot",
  "config",
  "timeoutMs",
  "progressToken",
  "partialResults",
  "cancelGraceMs",
] as const;

type Check = (value: unknown) => boolean;

/** An object that is recognised. */
export interface FastForm {
  /** Each of its members that is recognised, and when. */
  readonly members: Readonly<Record<string, Check>>;
  readonly required: readonly string[];
}

const isString: Check = (value) => typeof value === "string";
const isText: Check = (value) => isString(value) && value !== "";
const isName: Check = (value) => typeof value === "string" && namePattern.test(value);
const isFlag: Check = (value) => typeof value === "boolean";
const isOne: Check = (value) => value === 1;
const isPositive: Check = (value) =>
  Number.isInteger(value) && (value as number) > 0 && (value as number) <= 0x7fffffff;
const isRawObject: Check = (value) => value instanceof RawJson && value.isObject;
const isStringOrNull: Check = (value) => value === null || isString(value);
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText);

/** Params that are empty. */
export const emptyForm: FastForm = { members: {}, required: [] };

const clientInfo: FastForm = { members: { name: isString, version: isString }, required: ["name"] };

/** Params of `initialize` that need no schema. */
export const initializeForm: FastForm = {
  members: {
    protocolVersion: isOne,
    clientInfo: (value) => matchesForm(value, clientInfo),
    processId: (value) => value === null || isPositive(value),
    workspaceRoot: isStringOrNull,
    trustedDirs: isTexts,
  },
  required: [],
};

/** Params of plugin/load that need no schema. */
export const loadForm: FastForm = {
  members: { path: isText, name: isName, config: isRawObject, timeoutMs: isPositive },
  required: [],
};

/** Of metadata: other members are no error, and are not looked at. */
export const metadataForm: FastForm = {
  members: {
    name: isName,
    description: isString,
    version: isString,
    author: isStringOrNull,
    abi_version: isOne,
    when_to_use: isStringOrNull,
    when_not_to_use: isStringOrNull,
    allowed_tools: (value) => value === null || (Array.isArray(value) && value.every(isString)),
    thread_safe: isFlag,
  },
  required: ["name", "description", "version"],
};

/** Whether it is an object of which each member is recognised, and all required ones are there. */
export function matchesForm(value: unknown, form: FastForm): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.keys(value).every((key) => Object.hasOwn(form.members, key)) && matchesKnown(value, form);
}

/** As `matchesForm`, whatever other members there are. */
export function matchesKnown(value: object, { members, required }: FastForm): boolean {
  const isRight = ([key, check]: [string, Check]) =>
    Object.hasOwn(value, key) ? check((value as Record<string, unknown>)[key]) : !required.includes(key);
  return Object.entries(members).every(isRight);
}
