// Owns what accompanies a packed program: the licences of all that is in it, and a bill of materials.

import { execFileSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./places.ts";

const read = (path: string) => readFileSync(path, "utf8");

/**
 * The licences of the packages in a program, and of Node with all that Node includes.
 * @param packages names of packages in node_modules
 * @param nodeLicense the file LICENSE of Node
 * @throws Error where a package has no licence file
 */
export function thirdPartyNotices(packages: readonly string[], nodeLicense: string): string {
  const sections = packages.map((name) => {
    const directory = join(projectRoot, "node_modules", name);
    const files = globSync(["LICEN[CS]E*", "vendor/*/LICEN[CS]E*"], { cwd: directory })
      .sort()
      .map((file) => join(directory, file));
    const ours = join(projectRoot, "packaging", "licences", name); // for what is shipped without one
    if (files.length === 0 && existsSync(ours)) files.push(ours);
    if (files.length === 0)
      throw new Error(`${name} has no licence file; what is bundled must be named with its licence`);
    return [name, ...files.map(read)];
  });
  return [["dlrpc is a single executable with these in it."], ...sections, ["Node.js", read(nodeLicense)]]
    .map((parts) => parts.map((part) => part.trim()).join("\n\n"))
    .join(`\n\n${"=".repeat(80)}\n\n`)
    .concat("\n");
}

interface Bom {
  serialNumber?: string;
  metadata: { timestamp?: string; component: { name: string; type: string; "bom-ref": string } };
  components: { name: string; "bom-ref": string }[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

/**
 * A bill of materials (CycloneDX, as npm writes it) of just these packages, without what differs from time to time.
 * @returns JSON
 */
export function billOfMaterials(packages: readonly string[]): string {
  const options = ["--sbom-format=cyclonedx", "--package-lock-only"];
  const output = execFileSync("npm", ["sbom", ...options], {
    cwd: projectRoot,
    encoding: "utf8",
    maxBuffer: 64 << 20,
    stdio: ["ignore", "pipe", "ignore"],
    shell: process.platform === "win32", // npm is a script there
  });
  const bom: Bom = JSON.parse(output);
  delete bom.serialNumber;
  delete bom.metadata.timestamp;
  bom.metadata.component.name = "dlrpc"; // npm takes the directory's
  bom.metadata.component.type = "application";
  bom.components = bom.components.filter(({ name }) => packages.includes(name));
  const refs = new Set(bom.components.map((component) => component["bom-ref"]));
  const itself = { ref: bom.metadata.component["bom-ref"], dependsOn: [...refs] };
  bom.dependencies = [itself, ...[...refs].map((ref) => ({ ref, dependsOn: [] as string[] }))];
  return `${JSON.stringify(bom, null, 2)}\n`;
}
