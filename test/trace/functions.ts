// Owns finding the functions of a script, with the names that a reader of its sources knows them by.

/** A node of a syntax tree (ESTree), as far as it matters here. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly name?: string;
  readonly value?: unknown;
  /** Of a method: `get`, `set`, `constructor`, … */
  readonly kind?: string;
  readonly id?: Node | null;
  readonly left?: Node;
  readonly key?: Node;
  readonly body?: unknown;
}

export interface NamedFunction {
  readonly node: Node;
  /** Empty where it has none. */
  readonly name: string;
}

/**
 * @param given the name that it has from what it is the value of
 * @param owner the class that it is part of
 */
export function* functionsIn(node: Node, given = "", owner = ""): Generator<NamedFunction> {
  const name = given || (node.id?.name ?? "");
  if (/^(Arrow)?Function/.test(node.type)) yield { node, name };
  for (const child of Object.values(node).flat()) {
    if (isNode(child)) yield* functionsIn(child, nameFor(child, node, owner), ownerOf(node, name, owner));
  }
}

/** What a node gives its child as a name. */
function nameFor(child: Node, { type, id, left, key, value, kind }: Node, owner: string): string {
  if (type === "VariableDeclarator") return child === id ? "" : (id?.name ?? "");
  if (type === "AssignmentExpression") return child === left ? "" : (left?.name ?? "");
  if (child !== value) return "";
  const own = key?.name ?? "";
  if (type === "Property") return own;
  if (!/^(Method|Property)Definition$/.test(type)) return "";
  if (kind === "constructor") return `new ${owner}`;
  return `${owner}.${own}`;
}

function ownerOf({ type }: Node, name: string, owner: string): string {
  if (type.startsWith("Class")) return type === "ClassBody" ? owner : name;
  return /^(Method|Property)Definition$/.test(type) ? owner : "";
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as Node).type === "string";
}
