// Owns the methods that look at plugins without running their code (D1): plugin/discover and plugin/validate.

import { DlrpcError } from "../../protocol/errors.ts";
import { type DiscoveredPlugin, DiscoverParams, ValidateParams } from "../../protocol/messages.ts";
import { Examination } from "../plugins/examine.ts";
import { type Found, NameIndex, pluginDirectories, sharedName, unnameableDirectories } from "../plugins/find.ts";
import { toProblem } from "../plugins/finding.ts";
import { type Method, method } from "./method.ts";
import type { Session } from "./session.ts";

export function inspectionMethods(session: Session): Record<string, Method> {
  return {
    "plugin/discover": method(DiscoverParams, async ({ dirs }) => {
      const directories = dirs?.map((directory) => trustedDirectory(directory, session)) ?? session.trust.canonical;
      const groups: { found: Found[]; unnameable: string[] }[] = [];
      const index = new NameIndex();
      for (const directory of directories) {
        const found: Found[] = [];
        for (const place of await pluginDirectories(directory))
          found.push([place, await Examination.of(place, session.examination)]);
        index.add(found);
        groups.push({ found, unnameable: await unnameableDirectories(directory) });
      }
      const names = dirs === undefined ? index : await NameIndex.of(session.examination);
      const plugins = groups.flatMap(({ found, unnameable }): DiscoveredPlugin[] => [
        ...found.map(([, examination]) => discovered(examination, names)),
        ...unnameable.map(withoutName),
      ]);
      return { plugins };
    }),

    "plugin/validate": method(ValidateParams, async ({ path }) => {
      const options = { ...session.examination, untrusted: "report", allPlatforms: true } as const;
      const examination = await Examination.of(session.resolve(path), options);
      if (examination.isNative && examination.name !== undefined)
        examination.note(sharedName(examination, await NameIndex.of(session.examination)));
      const { isValid, permissions, problems } = examination;
      return { valid: isValid, permissions, problems };
    }),
  };
}

function discovered(plugin: Examination, names: NameIndex): DiscoveredPlugin {
  plugin.note(sharedName(plugin, names));
  const { path, libraryPath = null, manifest, permissions, isValid, problems } = plugin;
  return { path, library: libraryPath, metadata: manifest?.raw ?? null, permissions, valid: isValid, problems };
}

function withoutName(path: string): DiscoveredPlugin {
  const problem = toProblem({
    severity: "error",
    code: "INVALID_PLUGIN",
    message: `${path}: the directory's name is not UTF-8, as all paths in JSON are`,
    details: { hint: "Rename the directory." },
  });
  return { path, library: null, metadata: null, permissions: null, valid: false, problems: [problem] };
}

/** @throws DlrpcError UNTRUSTED_PATH */
function trustedDirectory(directory: string, session: Session): string {
  const path = session.resolve(directory);
  const canonical = session.trust.canonicalOf(path);
  if (canonical !== undefined) return canonical;
  throw new DlrpcError("UNTRUSTED_PATH", `${path} is not in a trusted directory`, {
    path,
    hint: `Trust it with --trust. Trusted now: ${session.trust.canonical.join(", ") || "none"}.`,
  });
}
