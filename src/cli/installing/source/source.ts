// What a plugin is installed from: which of the three forms a source has, and unpacking it.

import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { absolute } from "../../../base/absolute-path.ts";
import { Disposables } from "../../../base/disposables.ts";
import { resolve } from "../../../plugins/trust/resolve.ts";
import { CommandError } from "../../options.ts";
import { ProgressBar } from "../../text/progress-bar.ts";
import { stageDirectory } from "./directory.ts";
import { PackageNames } from "./names.ts";
import { StagedTree } from "./staged-tree.ts";
import { stageTarGz } from "./tar.ts";
import { stageZip } from "./zip.ts";

const FORMS = "a plugin's directory, or a .tar.gz or .zip of one, is needed";
const GZIP = Buffer.from([0x1f, 0x8b]);
const ZIP = Buffer.from("PK");

/**
 * Unpacks a source; what is in it, not its name, says what it is.
 * @param given as a person typed it
 * @param root where to: an empty directory
 * @throws CommandError
 */
export async function unpack(given: string, root: string): Promise<void> {
  const found = resolve(absolute(given));
  if ("code" in found) throw new CommandError(`${given} cannot be reached (${found.code}); ${FORMS}`);
  const names = new PackageNames(given);
  const tree = new StagedTree(root, names);
  if (found.isDirectory) await stageDirectory(found.canonical, tree, names);
  else await unpackArchive(given, found.canonical, tree, names);
  tree.finish();
}

async function unpackArchive(given: string, path: string, tree: StagedTree, names: PackageNames): Promise<void> {
  using opened = new Disposables();
  const descriptor = open(given, path);
  opened.defer(() => closeSync(descriptor));
  const stat = fstatSync(descriptor);
  if (!stat.isFile()) throw new CommandError(`${given} is neither a directory nor a regular file; ${FORMS}`);
  const bar = new ProgressBar();
  opened.defer(() => bar.end());
  let [read, shown] = [0, 0];
  const onBytes = (bytes: number) => {
    read += bytes;
    const percentage = Math.min(100, Math.floor((read / stat.size) * 100));
    if (percentage > shown) bar.show({ percentage, message: "unpacking" });
    shown = percentage;
  };
  const magic = Buffer.alloc(2);
  readSync(descriptor, magic, 0, magic.length, 0);
  if (magic.equals(GZIP)) await stageTarGz(descriptor, tree, names, onBytes);
  else if (magic.equals(ZIP)) await stageZip(descriptor, stat.size, tree, names, onBytes);
  else throw new CommandError(`${given} is no archive that is known here; ${FORMS}`);
}

function open(given: string, path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK); // a FIFO would block its reader
  } catch (error) {
    throw new CommandError(`${given} cannot be opened (${(error as NodeJS.ErrnoException).code}); ${FORMS}`);
  }
}
