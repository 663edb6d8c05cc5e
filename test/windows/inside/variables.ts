// P7 and P8 in Windows's terms: variables have no case, and programs need some that other systems do not have.

import assert from "node:assert/strict";
import { test } from "node:test";
import { mayPass, whyNotSet, workerEnvironment } from "../../../src/sandbox/environment.ts";
import { type Confinement, unconfined } from "../../../src/sandbox-policy/policy.ts";

process.env.SECRET = "of nobody's";
process.env.AppData = "C:\\users\\ada\\AppData\\Roaming";
process.env.Path ??= "C:\\windows";

const temporary = "C:\\temporary";
const variablesOf = (confinement: Confinement, added = {}): string[] =>
  workerEnvironment({ confinement, plugin: "C:\\plugins\\one", temporary, added });
const valuesOf = (variables: readonly string[], name: string): string[] =>
  variables
    .filter((one) => one.toLowerCase().startsWith(`${name.toLowerCase()}=`))
    .map((one) => one.split("=")[1] ?? "");

test("what Windows gives each program passes, however it is written, and nothing else", () => {
  const variables = variablesOf(unconfined);
  assert.deepEqual(valuesOf(variables, "path"), [process.env.Path]);
  assert.deepEqual(valuesOf(variables, "systemroot"), [process.env.SystemRoot]);
  assert.deepEqual(valuesOf(variables, "appdata"), [process.env.AppData]);
  assert.deepEqual(valuesOf(variables, "secret"), []);
});

test("a variable that a load adds is there once, in the place of one that differs by case", () => {
  const variables = variablesOf(unconfined, { path: "C:\\mine" });
  assert.deepEqual(valuesOf(variables, "path"), ["C:\\mine"]);
});

test("what is dlrpc's or the operator's is that by any case", () => {
  assert.equal(mayPass("path"), true);
  assert.equal(whyNotSet("Tmp", "none"), "is set by dlrpc itself");
  assert.equal(whyNotSet("Dlrpc_Plugin_Dir", "none"), "is set by dlrpc itself");
  assert.match(whyNotSet("UserProfile", "strict") ?? "", /private directory/);
  assert.equal(whyNotSet("UserProfile", "standard"), undefined);
});

test("under `strict` all that names a home is the private directory", () => {
  const variables = variablesOf({ ...unconfined, profile: "strict" });
  for (const name of ["HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"])
    assert.deepEqual(valuesOf(variables, name), [temporary], name);
});
