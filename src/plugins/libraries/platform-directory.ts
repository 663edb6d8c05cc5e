// lib/PLATFORM-ARCH/, where a plugin for several platforms has the libraries for each (A13).

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { system } from "#platform/program/system";
import { throwIfExhausted } from "../../platform/exhaustion.ts";
import { resolve } from "../trust/resolve.ts";

const HOLDER = "lib";
/** The systems that A1 has names for, with what Node calls the processors that they run on. */
const PLATFORM = /^(linux|darwin|win32)-(arm|arm64|ia32|loong64|ppc64|riscv64|s390x|x64)$/;

/** The systems that a plugin may have libraries for. */
export const systems = ["linux", "darwin", "win32"] as const;
/** The one that this is. */
export const ownSystem = ({ linux: "linux", macos: "darwin", windows: "win32" } as const)[system];
/** As `initialize` says it. */
export const ownPlatform = `${ownSystem}-${process.arch}`;

/** Whether it is called as `initialize` says platforms. */
export function isPlatform(name: string): boolean {
  return PLATFORM.test(name);
}

/** The system of a platform. */
export function systemOf(platform: string): NodeJS.Platform {
  return platform.slice(0, platform.indexOf("-")) as NodeJS.Platform;
}

/** The processor of a platform. */
export function processorOf(platform: string): string {
  return platform.slice(platform.indexOf("-") + 1);
}

/** The directory of a platform's libraries, relative to the plugin's, with `/` between its parts. */
export function platformDirectory(platform: string): string {
  return `${HOLDER}/${platform}`;
}

/** Whether a file of a plugin, by its relative name, is of use on other platforms only. */
export function isForOtherPlatform(name: string): boolean {
  const [holder, platform = "", ...inside] = name.split("/");
  return holder === HOLDER && inside.length > 0 && isPlatform(platform) && platform !== ownPlatform;
}

/** The platforms that a plugin has directories for, sorted. */
export function platformsIn(directory: string): string[] {
  const isThere = (platform: string) => {
    const found = resolve(join(directory, platformDirectory(platform)));
    return "isDirectory" in found && found.isDirectory;
  };
  return namesIn(join(directory, HOLDER)).filter(isPlatform).filter(isThere).sort();
}

/** What is in a directory of libraries. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    throwIfExhausted(error);
    return []; // there is none, or it may not be listed
  }
}
