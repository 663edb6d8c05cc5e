// What people are told on Windows: nothing that other systems have, such as ulimit and cc.

import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { compilerCheck } from "../../../src/cli/inspecting/doctor/tools.ts";
import { exhaustion } from "../../../src/platform/exhaustion.ts";
import { pluginPath } from "./windows-worker.ts";

const refused = (code: string) => exhaustion(Object.assign(new Error(code), { code }));

test("L7: what is used up is said without limits that Windows does not have", () => {
  for (const code of ["EMFILE", "EAGAIN", "EFBIG", "ENOMEM"]) {
    const { message = "", details } = refused(code) ?? {};
    assert.doesNotMatch(`${message} ${details?.hint}`, /ulimit|\bpids\b|control group|\d{4}/, code);
    assert.equal(details?.limit, undefined);
  }
});

test("dlrpc doctor says where there is no compiler what has one, and asks cl nothing", () => {
  const programs = "Z:\\work\\doctor-programs";
  mkdirSync(programs);
  const { PATH } = process.env;
  delete process.env.CC;
  try {
    process.env.PATH = programs;
    assert.match(JSON.stringify(compilerCheck()), /`cl` cannot be run.*Developer Command Prompt/);
    cpSync("Z:\\work\\plugins\\stand-in-compiler.exe", join(programs, "cl.exe"));
    process.env.CC = `cl -o ${join(programs, "made.dll")}`;
    process.env.STAND_IN = pluginPath("by-ucrt");
    assert.match(JSON.stringify(compilerCheck()), /"state":"ok"/);
    assert.doesNotMatch(readFileSync("arguments.txt", "utf8"), /--version/);
  } finally {
    process.env.PATH = PATH;
    delete process.env.CC;
    delete process.env.STAND_IN;
    rmSync("arguments.txt", { force: true });
  }
});
