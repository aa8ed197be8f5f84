/**
 * A node of libpg-query's tree. Where the grammar allows several kinds of node it is wrapped in its name, `{ RangeVar: { … } }`; where it
 * allows one it stands bare, as in `relation` of an INSERT.
 */
export type Node = Readonly<Record<string, unknown>>;

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function nodeAt(node: Node, field: string): Node | undefined {
  const value = node[field];
  return isNode(value) ? value : undefined;
}

export function listAt(node: Node, field: string): readonly unknown[] {
  const value = node[field];
  return Array.isArray(value) ? value : [];
}

export function textAt(node: Node, field: string): string | undefined {
  const value = node[field];
  return typeof value === 'string' ? value : undefined;
}

/** The strings of a dotted name: `[{ String: { sval } }, …]`. Stars and subscripts are left out. */
export function namesAt(node: Node, field: string): string[] {
  return listAt(node, field).flatMap((part) => {
    const name = isNode(part) ? nodeAt(part, 'String') : undefined;
    const text = name === undefined ? undefined : textAt(name, 'sval');
    return text === undefined ? [] : [text];
  });
}
