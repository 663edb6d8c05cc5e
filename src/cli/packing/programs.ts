// dlrpc itself in a package: the single executable for each platform, and what starts the right one, as formats know no processors.

import { isSea } from "node:sea";
import { absolute } from "../../base/absolute-path.ts";
import { chooseImage, InspectionError, inspectLibrary } from "../../plugins/formats/index.ts";
import { ownPlatform, processorOf, systemOf } from "../../plugins/libraries/platform-directory.ts";
import { CommandError, UsageError } from "../options.ts";
import { type BundledFile, readContent } from "./file.ts";

/** What is started, relative to the package's root; on Windows with `.exe` behind it. */
export const COMMAND = "bin/dlrpc";

/** What uname(1) says, with -sm, on the platforms that are told apart by it. */
const UNAMES: Readonly<Record<string, string>> = {
  "darwin-arm64": "Darwin arm64",
  "darwin-x64": "Darwin x86_64",
  "linux-arm64": "Linux aarch64",
  "linux-x64": "Linux x86_64",
};
const WINDOWS = "win32-x64";
const platforms = [...Object.keys(UNAMES), WINDOWS];

/** By platform, sorted: the path of dlrpc for it. */
export type Programs = ReadonlyMap<string, string>;

/**
 * The running program, where it is a single executable, and those that are given; these go first.
 * @param given each PLATFORM=FILE
 * @throws UsageError, CommandError where there is none, and where one is not for its platform
 */
export async function readPrograms(given: readonly string[]): Promise<Programs> {
  const programs = new Map(isSea() ? [[ownPlatform, process.execPath]] : []);
  for (const text of given) {
    const at = text.indexOf("=");
    const [platform, file] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)];
    if (!platforms.includes(platform) || file === "") {
      throw new UsageError(`--program is \`${text}\`, PLATFORM=FILE is needed, with one of ${platforms.join(", ")}`);
    }
    programs.set(platform, absolute(file));
  }
  if (programs.size === 0) {
    throw new UsageError(
      `this dlrpc runs on a Node that a package cannot bring along; give the single executable of a release: --program ${ownPlatform}=FILE`,
    );
  }
  for (const [platform, path] of programs) await requireProgram(platform, path);
  return new Map([...programs].sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function requireProgram(platform: string, path: string): Promise<void> {
  const bytes = await readContent(path);
  try {
    const images = inspectLibrary(bytes);
    const ofPlatform = images.filter(
      (image) => image.platform === systemOf(platform) && image.arch === processorOf(platform),
    );
    if (ofPlatform.some(({ kind }) => kind === "executable")) return;
    const choice = chooseImage(images, systemOf(platform), processorOf(platform));
    const found = "mismatch" in choice ? choice.mismatch : "a shared library";
    throw new CommandError(`--program: ${path}: ${found}; dlrpc's single executable for ${platform} is needed`);
  } catch (error) {
    if (!(error instanceof InspectionError)) throw error;
    throw new CommandError(
      `--program: ${path} is ${error.message}; dlrpc's single executable for ${platform} is needed`,
    );
  }
}

export function programFiles(programs: Programs): BundledFile[] {
  const files = [...programs].map(([platform, path]): BundledFile => {
    const name = platform === WINDOWS ? `${COMMAND}.exe` : `bin/${platform}/dlrpc`;
    return { name, content: { path }, isExecutable: true };
  });
  const unix = [...programs.keys()].filter((platform) => platform !== WINDOWS);
  if (unix.length === 0) return files;
  return [{ name: COMMAND, content: Buffer.from(launcher(unix)), isExecutable: true }, ...files];
}

/** A script of sh(1) that becomes the program for this machine. */
function launcher(unix: readonly string[]): string {
  const cases = unix.map((platform) => `  "${UNAMES[platform]}") platform=${platform} ;;\n`).join("");
  return `#!/bin/sh
case "$(uname -sm)" in
${cases}  *) echo "dlrpc: this package is for ${unix.join(", ")}; this machine is $(uname -sm)" >&2; exit 2 ;;
esac
exec "\${0%/*}/$platform/dlrpc" "$@"
`;
}
