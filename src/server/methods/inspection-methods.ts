// Owns the methods that look at plugins without running their code (D1): plugin/discover and plugin/validate.

import { DlrpcError } from "../../../protocol/errors.ts";
import { DiscoverParams, ValidateParams } from "../../../protocol/messages.ts";
import { discoverPlugins, inspectAnywhere, validation } from "../../plugins/inspection.ts";
import type { Session } from "../session.ts";
import { type Method, method } from "./method.ts";

export function inspectionMethods(session: Session): Record<string, Method> {
  return {
    "plugin/discover": method({ schema: () => DiscoverParams }, async ({ dirs }) => {
      const directories = dirs?.map((directory) => trustedDirectory(directory, session));
      return { plugins: await discoverPlugins(directories, session.inspectOptions) };
    }),

    "plugin/validate": method({ schema: () => ValidateParams }, async ({ path }) =>
      validation(await inspectAnywhere(session.resolve(path), session.inspectOptions)),
    ),
  };
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
