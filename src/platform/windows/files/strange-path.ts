// Owns which paths Windows takes for something else than what they seem to name, by their text alone: none of them is opened.
// Source: Naming Files, Paths, and Namespaces (Microsoft).

/** `\\.\` */
const DEVICES = /^[\\/]{2}\.[\\/]/;
/** `\\?\` and `\\?\UNC`, which switch off what Windows makes of what follows. */
const PREFIX = /^[\\/]{2}\?[\\/](?:UNC(?=[\\/]))?/i;
const DRIVE = /^[a-z]:/i;
const SHARE = /^[\\/]+[^\\/]+[\\/]+[^\\/]+/;

/** Whatever extension they have, before Windows 11 also in any directory. */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])(?=$|[ .:])/i;
const FORBIDDEN = /[<>"|?*\p{Cc}]/u;

/** @throws Error whose `code` says why the path is not used */
export function refuseStrangePath(path: string): void {
  const why = strangeness(path);
  if (why !== undefined) throw Object.assign(new Error(`${path}: ${why}`), { code: why });
}

/** Why a path is not used; undefined where it names what it seems to name. */
export function strangeness(path: string): string | undefined {
  const inner = path.replace(PREFIX, "");
  const root = DRIVE.test(inner) ? DRIVE : /^[\\/]{2}/.test(path) ? SHARE : "";
  const below = inner.replace(root, "");
  const isDevice = inner !== path && (below === inner || (root === DRIVE && !/^[\\/]/.test(below)));
  if (isDevice || DEVICES.test(path)) return "it is in the namespace of devices";
  for (const part of below.split(/[\\/]/)) {
    if (part === "" || part === "." || part === "..") continue;
    if (DEVICE.test(part)) return `${part} is the name of a device`;
    if (part.includes(":")) return `${part} names a stream of a file, and no file`;
    if (FORBIDDEN.test(part)) return "it holds a character that no name has";
    if (/[. ]$/.test(part)) return `\`${part}\` ends with a dot or a space, which Windows leaves out`;
  }
  return undefined;
}
